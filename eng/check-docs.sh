#!/usr/bin/env bash
# Checks the documentation against the repository: links lead somewhere, headings and tests that it names are there, alerts are in the
# runbook, and metrics that infra/ asks for are described.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

problems=0
complain() { echo "$1"; problems=$((problems + 1)); }

# The anchors of a file: its headings in lower case, without punctuation, blanks as hyphens. Headings inside code are none.
anchors() {
    awk '/^ *```/ { code = !code } !code && /^#+ / { sub(/^#+ +/, ""); print tolower($0) }' "$1" |
        sed -E 's/\[([^]]*)\]\([^)]*\)/\1/g; s/[^[:alnum:] _-]//g; s/ /-/g'
}

count=0
while IFS= read -r file; do
    folder=$(dirname "$file")
    # Targets of links and images outside code, one a line.
    while IFS= read -r target; do
        case $target in
            *://* | mailto:* | '') continue ;;
        esac
        count=$((count + 1))
        path=${target%%#*}
        anchor=
        [[ $target == *'#'* ]] && anchor=${target#*#}
        found=$file
        if [ -n "$path" ]; then
            found=$folder/$path
            if [ ! -e "$found" ]; then
                complain "$file: the link to $target leads nowhere."
                continue
            fi
        fi
        if [ -n "$anchor" ] && ! anchors "$found" | grep -Fxq -- "$anchor"; then
            complain "$file: $target names a heading that is not there."
        fi
    done < <(awk '/^ *```/ { code = !code } !code' "$file" | sed -E 's/`[^`]*`//g' | { grep -oE '\]\([^)[:space:]]*\)' || true; } | sed -E 's/^\]\(//; s/\)$//')
done < <(git ls-files --cached --others --exclude-standard '*.md')

# Alerts and metrics.
for name in $(sed -nE "s/^    name: '([a-z-]+)'$/\1/p" infra/alerts.bicep); do
    grep -Fxq "### $name" docs/operations.md || complain "infra/alerts.bicep: the alert $name has no heading in the runbook of docs/operations.md."
done
for metric in $(grep -ohE "lookup\.[a-z]+[a-z._]*" infra/alerts.bicep infra/workbook.json | sort -u); do
    grep -Fq "| \`$metric\` |" docs/operations.md || complain "infra/: the metric $metric is not in the table of docs/operations.md."
done

# Tests that the documentation names: Class or Class.Method, between backticks.
tests=0
sources=$(git ls-files --cached --others --exclude-standard 'tests/*.cs')
while IFS= read -r name; do
    tests=$((tests + 1))
    class=${name%%.*}
    files=$(echo "$sources" | xargs grep -lE "class $class\b" || true)
    if [ -z "$files" ]; then
        complain "docs: there is no class of tests $class."
    elif [[ $name == *.* ]] && ! echo "$files" | xargs grep -qE " ${name#*.}\("; then
        complain "docs: $class has no test ${name#*.}."
    fi
done < <(git ls-files --cached --others --exclude-standard '*.md' | xargs grep -ohE '`[A-Z][A-Za-z]*Tests(\.[A-Z][A-Za-z0-9_]*)?`' | tr -d '`' | sort -u)

if [ "$problems" -gt 0 ]; then
    echo "docs: $problems problems."
    exit 1
fi
echo "docs: $count links lead somewhere; $tests tests that are named are there; alerts and metrics of infra/ are described."
