#!/usr/bin/env bash
# Compiles and lints infra/ with the Bicep compiler version of eng/bicep. Any diagnostic, including a warning, is a failure.
# Also evaluates infra/ for each hosting model, and compares the function app's runtime and settings with what that model needs. Linux x64 only.
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
folder=$(mktemp -d)
trap 'rm -rf "$log" "$folder"' EXIT
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

problems=0
complain() { echo "infra: $1"; problems=$((problems + 1)); }

# Evaluates main.bicep, with the given lines as further parameters, and prints its resources, one property per line.
evaluate() {
    {
        echo "using '$(realpath --relative-to="$folder" infra/main.bicep)'"
        echo "param environmentName = 'check'"
        echo "param location = 'westeurope'"
        echo "param hiddenFields = 'none'"
        printf '%s\n' "$@"
    } >"$folder/check.bicepparam"
    rm -f "$folder/check.snapshot.json"
    timeout 120 "$bicep" snapshot "$folder/check.bicepparam" >&2
    cat "$folder/check.snapshot.json"
}

# Checks that the runtime of the function app in a file is the expected one, and that no app setting competes with it.
expect_runtime() {
    local file=$1 model=$2 expected=$3 actual
    actual=$(grep -A 3 -F '"runtime": {' "$file" | sed -nE 's/^ *"(name|version)": "([^"]*)".*/\2/p' | paste -sd ' ')
    [ "$actual" = "$expected" ] || complain "$model: the runtime is '$actual' instead of '$expected'."
    ! grep -Fq '"FUNCTIONS_WORKER_RUNTIME"' "$file" || complain "$model: FUNCTIONS_WORKER_RUNTIME must not be an app setting on this plan."
}

evaluate >"$folder/default"
expect_runtime "$folder/default" 'the default' 'dotnet-isolated 10.0'
! grep -Fq customHandler "$folder/default" || complain 'the default: an app setting makes the app a custom handler.'

evaluate "param hostingModel = 'customHandler'" >"$folder/customHandler"
expect_runtime "$folder/customHandler" customHandler 'custom 1.0'
while IFS= read -r setting; do
    grep -Fq -- "$setting" "$folder/customHandler" || complain "customHandler: the app setting $setting of custom-handler.settings.json is missing."
done < <(grep -oE '"AzureFunctionsJobHost__[^"]*": "[^"]*"' custom-handler.settings.json)

[ "$problems" -eq 0 ] || exit 1
echo "infra: compiled and linted without diagnostics, by Bicep $version; the runtime and the settings of both hosting models are right."
