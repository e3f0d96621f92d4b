# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sourced by run and test: installs what is missing on a Debian-like system, says what is missing
# elsewhere, and configures and builds. Everything here may be run again at once and then does nothing.

top=$(cd "$(dirname "$0")/.." && pwd)
build=${SIOSCOPE_BUILD_DIR:-$top/_build}

say () { printf '%s\n' "$*"; }
die () { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# What compiling needs: pkg-config name, version, Debian package.
build_modules='
glib-2.0 2.74 libglib2.0-dev
gio-unix-2.0 2.74 libglib2.0-dev
json-glib-1.0 1.6.6 libjson-glib-dev
libsoup-3.0 3.2.2 libsoup-3.0-dev
mpack 1.0.3 libmpack-dev
gnutls 3.7 libgnutls28-dev
gtk4 4.8 libgtk-4-dev
libadwaita-1 1.2 libadwaita-1-dev
gtksourceview-5 5.6 libgtksourceview-5-dev
'
# Commands: name, Debian package.
build_commands='
cc build-essential
meson meson
ninja ninja-build
pkg-config pkg-config
msgfmt gettext
glib-compile-resources libglib2.0-dev-bin
update-desktop-database desktop-file-utils
'
# For a window where there is no screen.
headless_commands='
Xvfb xvfb
dbus-run-session dbus
gdbus libglib2.0-bin
'
headless_packages='at-spi2-core fonts-cantarell fonts-dejavu-core fonts-noto-color-emoji librsvg2-common adwaita-icon-theme glib-networking'
test_commands='
node nodejs
npm npm
strace strace
openssl openssl
nginx nginx-light
haproxy haproxy
xdotool xdotool
import imagemagick
desktop-file-validate desktop-file-utils
appstreamcli appstream
'
test_packages='python3-gi gir1.2-atspi-2.0 openbox'

is_installed () {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need_packages LIST-OF-COMMANDS LIST-OF-PACKAGES: installs with apt, or names what is missing.
need_packages () {
  missing_packages=
  missing_names=
  old_ifs=$IFS
  IFS='
'
  for line in $build_modules; do
    name=${line%% *}; rest=${line#* }; version=${rest%% *}; package=${rest#* }
    if ! pkg-config --exists "$name >= $version" 2>/dev/null; then
      missing_packages="$missing_packages $package"
      missing_names="$missing_names
  $name >= $version (pkg-config)"
    fi
  done
  for line in $build_commands $1; do
    name=${line%% *}; package=${line#* }
    if ! command -v "$name" >/dev/null 2>&1; then
      missing_packages="$missing_packages $package"
      missing_names="$missing_names
  $name (command)"
    fi
  done
  IFS=$old_ifs
  if command -v apt-get >/dev/null 2>&1; then
    for package in $2; do
      is_installed "$package" || missing_packages="$missing_packages $package"
    done
    [ -n "$missing_packages" ] || return 0
    as_root=
    if [ "$(id -u)" != 0 ]; then
      command -v sudo >/dev/null 2>&1 ||
        die "these packages are missing, and there is neither root nor sudo to install them:$missing_packages"
      as_root=sudo
    fi
    say "Installing what is missing:$missing_packages"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >/dev/null ||
      die "apt-get update failed; see above"
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
      $missing_packages >/dev/null || die "apt-get install failed; see above"
  elif [ -n "$missing_names" ]; then
    die "missing here, please install:$missing_names"
  fi
}

# configure OPTION…: sets the build folder up, or brings it up to date.
configure () {
  if [ -f "$build/build.ninja" ]; then
    meson configure "$build" "$@" >/dev/null || die "meson configure failed"
  else
    say "Configuring in $build"
    meson setup "$build" "$top" "$@" >"$build.log" 2>&1 ||
      { cat "$build.log" >&2; die "meson setup failed"; }
    rm -f "$build.log"
  fi
}

compile () {
  say "Building"
  ninja -C "$build" >"$build/compile.log" 2>&1 ||
    { grep -v '^\[' "$build/compile.log" | tail -n 60 >&2; die "the build failed; all of it is in $build/compile.log"; }
}

# The real Socket.IO servers and clients of the tests, from npm, in the versions of the lock file.
install_test_servers () {
  servers=$top/tests/servers
  cmp -s "$servers/package-lock.json" "$servers/node_modules/.installed-lock.json" && return 0
  say "Installing the Socket.IO servers that the tests talk to"
  (cd "$servers" && npm ci --no-audit --no-fund --loglevel=error) >"$servers/.npm.log" 2>&1 ||
    { cat "$servers/.npm.log" >&2; die "npm ci failed"; }
  rm -f "$servers/.npm.log"
  cp "$servers/package-lock.json" "$servers/node_modules/.installed-lock.json"
}

# run_tests ARGUMENT…: "meson test", and a closing line in a form that any reader of logs knows.
run_tests () {
  status=0
  meson test -C "$build" --no-rebuild --print-errorlogs "$@" || status=$?
  log=$build/meson-logs/testlog.json
  if [ -f "$log" ]; then
    passed=$(grep -c '"result": "OK"\|"result": "EXPECTEDFAIL"' "$log" || true)
    skipped=$(grep -c '"result": "SKIP"' "$log" || true)
    total=$(wc -l <"$log")
    say "$passed passed, $((total - passed - skipped)) failed, $skipped skipped"
  fi
  exit $status
}
