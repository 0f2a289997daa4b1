#!/usr/bin/env bash
# Compiles and lints infra/ with the Bicep compiler version of eng/bicep. Any diagnostic, including a warning, is a failure. Linux x64 only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true DOTNET_CLI_UI_LANGUAGE=en
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # so that the compiler needs no culture data

project=eng/bicep/Bicep.csproj
timeout 300 dotnet restore "$project" --verbosity quiet
packages=$(dotnet msbuild "$project" -getProperty:NuGetPackageRoot)
version=$(dotnet msbuild "$project" -getProperty:BicepVersion)
bicep="$packages/azure.bicep.commandline.linux-x64/$version/tools/bicep"
[ -x "$bicep" ] || chmod +x "$bicep"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# main.bicep references all other files. Diagnostics are written to standard error; the compiled template is discarded.
for verb in "build --stdout" lint; do
    # shellcheck disable=SC2086 # two words
    timeout 120 "$bicep" $verb infra/main.bicep >/dev/null 2>>"$log" || echo "infra/main.bicep: $verb failed." >>"$log"
done
if [ -s "$log" ]; then
    sort -u "$log"
    echo "infra: the compiler reported diagnostics, see above."
    exit 1
fi
echo "infra: compiled and linted without diagnostics, by Bicep $version."
