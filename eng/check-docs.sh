#!/usr/bin/env bash
# Checks the documentation against the repository: the targets of links exist, as do the headings and tests that the documentation names;
# all alerts are in the runbook, and all metrics that infra/ queries are described.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

problems=0
complain() { echo "$1"; problems=$((problems + 1)); }

# Prints the anchors of a file: its headings in lower case, without punctuation, with hyphens for blanks. Lines in code blocks are not headings.
anchors() {
    awk '/^ *```/ { code = !code } !code && /^#+ / { sub(/^#+ +/, ""); print tolower($0) }' "$1" |
        sed -E 's/\[([^]]*)\]\([^)]*\)/\1/g; s/[^[:alnum:] _-]//g; s/ /-/g'
}

count=0
while IFS= read -r file; do
    folder=$(dirname "$file")
    # The targets of links and images outside code, one per line.
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
                complain "$file: the target of the link to $target does not exist."
                continue
            fi
        fi
        if [ -n "$anchor" ] && ! anchors "$found" | grep -Fxq -- "$anchor"; then
            complain "$file: the heading in the link to $target does not exist."
        fi
    done < <(awk '/^ *```/ { code = !code } !code' "$file" | sed -E 's/`[^`]*`//g' | { grep -oE '\]\([^)[:space:]]*\)' || true; } | sed -E 's/^\]\(//; s/\)$//')
done < <(git ls-files --cached --others --exclude-standard '*.md')

# Alerts and metrics.
for name in $(sed -nE "s/^    name: '([a-z-]+)'$/\1/p" infra/alerts.bicep); do
    grep -Fxq "### $name" docs/operations.md || complain "infra/alerts.bicep: the alert $name has no heading '### $name' in docs/operations.md."
done
for metric in $(grep -ohE "lookup\.[a-z]+[a-z._]*" infra/alerts.bicep infra/workbook.json | sort -u); do
    grep -Fq "| \`$metric\` |" docs/operations.md || complain "infra/: the metric $metric is missing in the table of docs/operations.md."
done

# The tests that the documentation names: Class or Class.Method, between backticks.
tests=0
sources=$(git ls-files --cached --others --exclude-standard 'tests/*.cs')
while IFS= read -r name; do
    tests=$((tests + 1))
    class=${name%%.*}
    files=$(echo "$sources" | xargs grep -lE "class $class\b" || true)
    if [ -z "$files" ]; then
        complain "docs: the test class $class does not exist."
    elif [[ $name == *.* ]] && ! echo "$files" | xargs grep -qE " ${name#*.}\("; then
        complain "docs: the test $class.${name#*.} does not exist."
    fi
done < <(git ls-files --cached --others --exclude-standard '*.md' | xargs grep -ohE '`[A-Z][A-Za-z]*Tests(\.[A-Z][A-Za-z0-9_]*)?`' | tr -d '`' | sort -u)

if [ "$problems" -gt 0 ]; then
    echo "docs: $problems problems."
    exit 1
fi
echo "docs: the targets of $count links and $tests named tests exist; the alerts and metrics of infra/ are described."
