# shellcheck shell=bash
# What the scripts share: sourced by them, never run.

root="$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")"

# The oldest toolchain that compiles the package: typed throws, spans, strict memory safety.
readonly oldest_swift=6.3

# What the independent decryptor under Tests/ needs; pinned, so that it runs the same everywhere.
readonly python_directory="$root/.build-python"

# What of the package is built: all but the service, and NIO with it. Who needs that takes service_traits in their place.
traits=(--traits Commands,Bench)
readonly service_traits=(--traits Service,Commands,Bench)

# --- Saying what happens ------------------------------------------------------------------------

# step WHAT-AND-WHY...
step() { printf '\n==> %s\n' "$*"; }

# note DETAIL...
note() { printf '    %s\n' "$*"; }

# fail WHAT-WENT-WRONG WHAT-TO-DO-NEXT
fail() {
    printf '\n%s: error: %s\n    next: %s\n' "scripts/${0##*/}" "$1" "$2" >&2
    exit 1
}

# --- The toolchain ------------------------------------------------------------------------------

# Prints the toolchain's version as MAJOR.MINOR.
swift_version() {
    [[ "$(swift --version 2>&1)" =~ Swift\ version\ ([0-9]+\.[0-9]+) ]] || return 1
    printf '%s\n' "${BASH_REMATCH[1]}"
}

# at_least FOUND WANTED, both MAJOR.MINOR
at_least() {
    ((${1%%.*} > ${2%%.*} || (${1%%.*} == ${2%%.*} && ${1#*.} >= ${2#*.})))
}

require_swift() {
    local remedy="install Swift $oldest_swift or later as https://www.swift.org/install says, open a new shell, and run this again"
    command -v swift >/dev/null || fail "there is no 'swift' on the PATH" "$remedy"
    local version
    version="$(swift_version)" || fail "'swift --version' doesn't tell a version" "$remedy"
    at_least "$version" "$oldest_swift" \
        || fail "Swift $oldest_swift is needed, and $(command -v swift) is $version" "$remedy"
    note "Swift $version: $(command -v swift)"
}

# --- System packages ----------------------------------------------------------------------------

missing=()

# need PACKAGE WHY TEST...: notes a Debian package as missing unless the test succeeds.
need() {
    local package="$1" why="$2"
    shift 2
    if "$@" >/dev/null 2>&1; then return; fi
    note "missing: $package ($why)"
    missing+=("$package")
}

# Installs what `need` found missing, with apt-get.
install_missing() {
    ((${#missing[@]})) || return 0
    local again="then run this again"
    command -v apt-get >/dev/null || fail \
        "this system has no apt-get to install ${missing[*]} with" \
        "install the packages named above as your system calls them (Fedora: openssl-devel lz4-devel sqlite-devel pkgconf git python3; Arch: openssl lz4 sqlite pkgconf git python), $again"
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "only root can install packages, and there is no sudo" \
            "have root run 'apt-get update && apt-get install ${missing[*]}', $again"
        as_root=(sudo)
        note "installing takes root: sudo may ask for your password"
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -q -o DPkg::Lock::Timeout=120)
    note "apt-get install ${missing[*]}"
    # A package list that can't be had may not be the one that is needed.
    "${apt[@]}" update || note "apt-get update failed: trying with the lists there are"
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" || fail \
        "apt-get could not install ${missing[*]}" \
        "read its messages above, install them by hand, $again"
    missing=()
}

# Everything that building takes.
set_up() {
    step "Looking for a toolchain and the libraries that sluice is built on"
    require_swift
    need git "SwiftPM fetches Swift packages with it" command -v git
    need pkg-config "SwiftPM finds the libraries with it" command -v pkg-config
    install_missing
    need libssl-dev "OpenSSL 3: AES-256-GCM, RSA, HKDF, random numbers" \
        pkg-config --exists 'libcrypto >= 3'
    need liblz4-dev "LZ4: compression" pkg-config --exists liblz4
    need libsqlite3-dev "SQLite: the catalog and the key vaults" pkg-config --exists sqlite3
    install_missing
    pkg-config --exists 'libcrypto >= 3' || fail \
        "OpenSSL 3 is needed, and this system has $(pkg-config --modversion libcrypto || true)" \
        "use Debian 12, Ubuntu 22.04 or later, or point PKG_CONFIG_PATH at an OpenSSL 3"
    local library
    for library in libcrypto liblz4 sqlite3; do
        note "$library $(pkg-config --modversion "$library")"
    done
}

# --- Python, for tests --------------------------------------------------------------------------

# Prints a Python that can make an environment.
capable_python() {
    local python
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
            printf '%s\n' "$python"
            return
        fi
    done
    return 1
}

# What the independent decryptor needs, with versions: the one place that says so.
mapfile -t python_packages < <(grep -v '^#' "$root/Tests/independent/requirements.txt")
readonly python_packages

is_python_ready() {
    [[ "$(cat "$python_directory/packages" 2>/dev/null)" == "${python_packages[*]}" ]] \
        && "$python_directory/bin/python" -c 'import cryptography, lz4.block' >/dev/null 2>&1
}

# Makes the environment that SLUICE_PYTHON names; without network once it is there.
set_up_python() {
    step "Looking for Python with ${python_packages[*]}: an independent decryptor, written from FORMAT, tests the format"
    if ! is_python_ready; then
        need python3 "the independent decryptor is written in it" command -v python3
        need python3-venv "keeps its packages out of your system" capable_python
        install_missing
        local python
        python="$(capable_python)" || fail "Python can't make a virtual environment" \
            "see what 'python3 -m venv $python_directory' says, mend it, and run this again"
        rm -rf -- "$python_directory"
        "$python" -m venv "$python_directory"
        "$python_directory/bin/python" -m pip install --quiet --disable-pip-version-check \
            --only-binary :all: "${python_packages[@]}" || fail \
            "pip could not install ${python_packages[*]}" \
            "see that the network reaches a Python package index, and run this again"
        printf '%s\n' "${python_packages[*]}" >"$python_directory/packages"
    fi
    export SLUICE_PYTHON="$python_directory/bin/python"
    note "$("$SLUICE_PYTHON" --version): $SLUICE_PYTHON"
}

# --- Building -----------------------------------------------------------------------------------

# Prints a directory that holds the archive of the C++ library and nothing else, if there is one. The
# Swift runtime is written in C++; its shared library is bound symbol by symbol whenever a command starts,
# which takes 0.5 ms.
cxx_archive_directory() {
    local clang archive directory="$root/.build/c++"
    clang="$(dirname -- "$(readlink -f -- "$(command -v swift)")")/clang"
    archive="$("$clang" -print-file-name=libstdc++.a 2>/dev/null)" || return 0
    [[ -f "$archive" ]] || return 0
    mkdir -p "$directory"
    ln -sfn "$archive" "$directory/libstdc++.a"
    printf '%s\n' "$directory"
}

# build_release PRODUCT: into .build/release. The static libraries make commands start faster.
build_release() {
    local began=$SECONDS stamp="$root/.build/$1.built" archives options=()
    mkdir -p "$root/.build"
    touch "$stamp.new" # At the start: what changes while it builds is built the next time.
    archives="$(cxx_archive_directory)"
    [[ -z "$archives" ]] || options=(-Xswiftc "-L$archives")
    swift build --package-path "$root" "${traits[@]}" -c release --static-swift-stdlib --product "$1" \
        "${options[@]}" || fail \
        "$1 does not build" \
        "read the first 'error:' above; if a library is to blame, see that its -dev package is whole; 'rm -rf .build' starts afresh"
    # The linker leaves its file in the page cache page by page. Written once more from one end to the
    # other it lies there in large pieces, and a command starts 1.5 ms sooner. Its times stay, and
    # SwiftPM doesn't link it again.
    local built="$root/.build/release/$1"
    [[ -f "$built" ]] && cp -p "$built" "$built.copy" && cp -p "$built.copy" "$built" && rm "$built.copy"
    mv -f "$stamp.new" "$stamp"
    note "built in $((SECONDS - began)) s: $root/.build/release/$1"
}

# Whether nothing has changed since PRODUCT was built; found out faster than by asking SwiftPM.
is_current() {
    local stamp="$root/.build/$1.built" changed
    [[ -x "$root/.build/release/$1" && -e "$stamp" ]] || return 1
    changed="$(find "$root/Package.swift" "$root/Sources" "$root/Bench" "$root/scripts/lib.sh" \
        -newer "$stamp" -print -quit)"
    [[ -z "$changed" ]]
}

# ensure_built PRODUCT
ensure_built() {
    if is_current "$1"; then return; fi
    set_up
    step "Building $1 for release"
    build_release "$1"
}
