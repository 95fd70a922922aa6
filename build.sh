#!/usr/bin/env bash
# The one entry to building GpuCrypt: looks that the machine has what a target needs, then lets Cake (build.cake) build. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sdk_needed=10.0.100
# How long the NuGet sources may take to answer, in seconds.
ask_limit=60

usage() {
    cat <<'TEXT'
Usage: ./build.sh [OPTION...] [TARGET] [ARGUMENT...]

Targets:
  build      Build everything, Release (the default).
  demo       Build the program and run `gpucrypt demo`; arguments go to it: ./build.sh demo --json
  test       Build everything, check the formatting, run all tests; arguments go to `dotnet test`: ./build.sh test --filter Keyring
  format     Format the source.
  bench      Build perf/ and compare with OpenSSL on one core, in two minutes; with arguments, BenchmarkDotNet's suites: ./build.sh bench --filter '*Normals*'
  publish    Write artifacts/linux-x64/gpucrypt: one self-contained file that needs no .NET.
  pack       Write the NuGet package of the library to artifacts/packages.

Options, before the target:
  --refresh-sources        Ask the NuGet sources again what they offer (the answer is kept in Sources.props).
  -p:KafkaRedist=BOOL      Do not ask: true builds with Confluent.Kafka 2.x and its own librdkafka, false with 1.9.3 and the system's.
  -p:Ilgpu=BOOL            Do not ask: whether the NuGet sources are to count as offering ILGPU.
                           Both can also be given as environment variables, KafkaRedist and Ilgpu.
  --help                   Show this text.

Needs the .NET 10 SDK. What else a target needs is installed with apt-get when it is missing.
Exit codes: 0 done, 1 failed, 2 bad usage or something missing; after demo and bench, those of the program.
TEXT
}

say() { printf '%s\n' "$*" >&2; }
refuse() { say "build.sh: $*"; exit 2; }

# --- What the machine has -------------------------------------------------------------------------------------------

require_sdk() {
    local complaint found
    command -v dotnet >/dev/null || refuse "no dotnet on the PATH: install the .NET 10 SDK ($sdk_needed or later) from https://dotnet.microsoft.com/download/dotnet/10.0"
    # In the repository's folder global.json applies: dotnet itself refuses when no SDK satisfies it.
    if ! complaint=$(cd "$root" && dotnet --version 2>&1); then
        found=$(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ' -) || true
        say "$complaint"
        refuse "expected the .NET 10 SDK, $sdk_needed or a later 10.0 one; found ${found:-no SDK}: install it from https://dotnet.microsoft.com/download/dotnet/10.0"
    fi
}

# Debian keeps ldconfig off the PATH of those who are not root. No grep -q: it would leave before ldconfig is done, and pipefail counts that.
has_library() { PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep "^[[:space:]]*$1 " >/dev/null; }

# Whether what a Debian package brings is there, however it came: other distributions and hand-made installations count too.
has() {
    case $1 in
        libssl3) has_library 'libssl\.so\.3' ;;
        librdkafka1) has_library 'librdkafka\.so\.1' ;;
        libhdrhistogram-java) [[ -e /usr/share/java/hdrhistogram.jar ]] ;;
        default-jre-headless) command -v java >/dev/null ;;
        kcat) command -v kcat >/dev/null ;;
        openssl) command -v openssl >/dev/null ;;
        *) say "build.sh: has: no way known to look for '$1'"; return 1 ;;
    esac
}

# require_packages NAME...: installs those that are missing.
require_packages() {
    local name as_root=() missing=()
    for name; do has "$name" || missing+=("$name"); done
    [[ ${#missing[@]} -gt 0 ]] || return 0

    local advice="install these Debian packages, or what brings the same: ${missing[*]}"
    command -v apt-get >/dev/null || refuse "no apt-get here; $advice"
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo >/dev/null || refuse "not root and no sudo; $advice"
        as_root=(sudo)
        # Without a terminal nobody can answer sudo's question.
        [[ -t 0 ]] || as_root+=(-n)
    fi

    say "build.sh: installing ${missing[*]}"
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
    # An update that fails leaves the lists that are there, and they may do.
    "${as_root[@]}" update >&2 || say "build.sh: apt-get update failed; going on with the package lists that are there"
    "${as_root[@]}" install -y --no-install-recommends "${missing[@]}" >&2 || refuse "apt-get could not install them; $advice"
    for name in "${missing[@]}"; do has "$name" || refuse "$name was installed but what it brings is not found; look at apt-get's output above"; done
}

# --- What the NuGet sources offer -----------------------------------------------------------------------------------

# can_restore NAME ITEMS: 0 the sources hold it, 1 they do not, 2 they could not be asked. The project lies inside the repository so
# that its NuGet configuration, its package versions and its warnings are the build's own.
can_restore() {
    local folder=$root/artifacts/sources/$1 log status=0
    mkdir -p "$folder"
    printf '<Project Sdk="Microsoft.NET.Sdk">\n%s\n</Project>\n' "$2" >"$folder/Offer.csproj"
    log=$(cd "$folder" && timeout "$ask_limit" dotnet restore Offer.csproj -p:NuGetAudit=false </dev/null 2>&1) || status=$?
    rm -rf "$folder"
    [[ $status -ne 0 ]] || return 0
    # NU1101, NU1102: no such package, no such version. NU13xx: a source that did not answer, and then the first two say nothing.
    if grep -qE 'NU110[12]' <<<"$log" && ! grep -qE 'NU13[0-9]{2}' <<<"$log"; then return 1; fi
    if [[ $status -eq 124 ]]; then
        say "build.sh: the NuGet sources did not answer about $1 within $ask_limit s"
    else
        say "build.sh: the NuGet sources could not be asked about $1: $(grep -m1 -oE 'error .*' <<<"$log" || tail -n1 <<<"$log")"
    fi
    return 2
}

ask_sources() {
    local kafka=0 ilgpu=0 ilgpu_job
    # The question is put in the build's own terms, and an old answer would be part of them.
    rm -rf "$root/Sources.props" "$root/artifacts/sources"
    say "build.sh: asking the NuGet sources for librdkafka.redist and ILGPU"
    can_restore ilgpu '<ItemGroup><PackageReference Include="ILGPU" /><PackageReference Include="ILGPU.Algorithms" /></ItemGroup>' &
    ilgpu_job=$!
    can_restore librdkafka.redist '<PropertyGroup><KafkaRedist>true</KafkaRedist></PropertyGroup><Import Project="../../../ConfluentKafka.props" />' || kafka=$?
    wait "$ilgpu_job" || ilgpu=$?
    rmdir "$root/artifacts/sources"
    if [[ $kafka -eq 2 || $ilgpu -eq 2 ]]; then
        say "build.sh: building as if they offered neither; the next run asks again"
        return
    fi
    cat >"$root/Sources.props" <<TEXT
<Project>
  <!-- Written by build.sh: what the configured NuGet sources offer. Delete it to have them asked again. -->
  <PropertyGroup>
    <KafkaRedist Condition="'\$(KafkaRedist)' == ''">$([[ $kafka -eq 0 ]] && echo true || echo false)</KafkaRedist>
    <Ilgpu Condition="'\$(Ilgpu)' == ''">$([[ $ilgpu -eq 0 ]] && echo true || echo false)</Ilgpu>
  </PropertyGroup>
</Project>
TEXT
}

# answer NAME WHAT: sets offered to the value given by option or environment, else to the sources' answer, and reason to a word about it.
answer() {
    offered=false
    if [[ -n ${!1:-} ]]; then
        offered=${!1} reason="$1=${!1} was given"
    elif [[ ! -e $root/Sources.props ]]; then
        reason="the NuGet sources could not be asked for $2"
    elif grep -q "<$1 .*>true<" "$root/Sources.props"; then
        offered=true reason="$2 is offered"
    else
        reason="$2 is not offered"
    fi
}

learn_sources() {
    local kept=$root/Sources.props version kafka ilgpu
    if [[ -z ${KafkaRedist:-} || -z ${Ilgpu:-} ]]; then
        # A change of versions makes the kept answer old.
        if $refresh || [[ ! -e $kept || $root/Directory.Packages.props -nt $kept || $root/ConfluentKafka.props -nt $kept ]]; then ask_sources; fi
    fi

    answer Ilgpu ILGPU
    ilgpu="no ILGPU device ($reason)"
    if $offered; then ilgpu="$reason, but this version has no ILGPU device yet"; fi

    answer KafkaRedist librdkafka.redist
    if $offered; then
        version=$(sed -nE 's/.*Include="Confluent\.Kafka" Version="([^"]+)".*/\1/p' "$root/Directory.Packages.props")
        kafka="Confluent.Kafka $version with its own librdkafka ($reason)"
    else
        version=$(sed -nE 's/.*Include="Confluent\.Kafka" Version="\[([^]]+)\]".*/\1/p' "$root/ConfluentKafka.props")
        kafka="Confluent.Kafka $version on the system's librdkafka1 ($reason)"
    fi
    kafka_redist=$offered
    say "GpuCrypt: CPU device; $kafka; $ilgpu"
}

# --- Targets --------------------------------------------------------------------------------------------------------

cake() (
    cd "$root"
    dotnet tool restore >/dev/null || exit 1
    exec dotnet cake --target="$1" --verbosity=minimal
)

# Standard output belongs to the program: `./build.sh demo --json` can be piped.
run_program() {
    local task=$1 assembly=$2
    shift 2
    cake "$task" >&2
    exec dotnet "$root/$assembly" "$@"
}

# The tests' sum is the last line, after whatever Cake says of a failure.
run_tests() {
    local summary=$root/artifacts/tests/summary.txt status=0
    rm -f "$summary"
    # One argument a line; build.cake takes them apart.
    TEST_ARGUMENTS=$(printf '%s\n' "$@") cake Test || status=$?
    if [[ -e $summary ]]; then cat "$summary"; fi
    return "$status"
}

refresh=false
while [[ $# -gt 0 ]]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --refresh-sources) refresh=true ;;
        # MSBuild takes properties from the environment as well.
        -p:KafkaRedist=true | -p:KafkaRedist=false | -p:Ilgpu=true | -p:Ilgpu=false) export "${1#-p:}" ;;
        -*) refuse "unknown option '$1'; ./build.sh --help lists the options" ;;
        *) break ;;
    esac
    shift
done
for name in KafkaRedist Ilgpu; do
    case ${!name:-} in '' | true | false) ;; *) refuse "environment variable $name: expected true or false, found '${!name}'" ;; esac
done

target=${1:-build}
[[ $# -eq 0 ]] || shift
case $target in
    build | format | publish | pack) [[ $# -eq 0 ]] || refuse "target '$target' takes no arguments, found '$1'" ;;
    demo | test | bench) ;;
    *) refuse "unknown target '$target'; expected demo, test, build, format, bench, publish or pack" ;;
esac

# An SDK unpacked by hand comes without ICU, and without it would not start; nothing here depends on a culture.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
if [[ ${CI:-} == true ]]; then
    # No servers left behind that hold the job's processes or files.
    export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
fi

require_sdk
# .NET's cryptography and TLS, the SDK's own as well as the program's.
require_packages libssl3
learn_sources
packages=()
case $target in
    demo | bench | test) $kafka_redist || packages+=(librdkafka1) ;;
esac
if [[ $target == test ]]; then
    # Programs the tests hold GpuCrypt against: Java's HdrHistogram reads its .hlog files, kcat its embedded broker.
    packages+=(libhdrhistogram-java default-jre-headless kcat)
fi
if [[ $target == bench ]]; then
    # What the operations are compared with.
    packages+=(openssl)
fi
require_packages "${packages[@]}"

case $target in
    build) cake Build ;;
    format) cake Format ;;
    publish) cake Publish ;;
    pack) cake Pack ;;
    test) run_tests "$@" ;;
    demo) run_program Program src/Host/bin/Release/net10.0/gpucrypt.dll demo "$@" ;;
    bench)
        # BenchmarkDotNet looks for the project from the current folder upwards.
        cd "$root"
        [[ $# -gt 0 ]] || set -- floor
        run_program Benchmarks perf/bin/Release/net10.0/GpuCrypt.Perf.dll "$@"
        ;;
esac
