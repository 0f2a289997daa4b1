#!/usr/bin/env bash
# Compiles and lints infra/ with the Bicep compiler that eng/bicep names. Any diagnostic, a warning too, fails it. Linux x64 only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true DOTNET_CLI_UI_LANGUAGE=en
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # the compiler needs no culture data then

project=eng/bicep/Bicep.csproj
timeout 300 dotnet restore "$project" --verbosity quiet
packages=$(dotnet msbuild "$project" -getProperty:NuGetPackageRoot)
version=$(dotnet msbuild "$project" -getProperty:BicepVersion)
bicep="$packages/azure.bicep.commandline.linux-x64/$version/tools/bicep"
[ -x "$bicep" ] || chmod +x "$bicep"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# main.bicep refers to all the others. Diagnostics go to the standard error; what is compiled is not kept.
for verb in "build --stdout" lint; do
    # shellcheck disable=SC2086 # two words
    timeout 120 "$bicep" $verb infra/main.bicep >/dev/null 2>>"$log" || echo "infra/main.bicep: $verb failed." >>"$log"
done
if [ -s "$log" ]; then
    sort -u "$log"
    echo "infra: the compiler has something to say."
    exit 1
fi
echo "infra: compiled and linted with no diagnostic, by Bicep $version."
