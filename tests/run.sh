#!/usr/bin/env bash
# Runs the built test projects one after the other and adds their counts up.
# usage: tests/run.sh FILTER     (an empty filter runs everything)
# The last line is "N passed, N failed, N skipped"; the exit status is 0 only if something passed and nothing failed.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
filter=$1
results=artifacts/test-results
rm -rf "$results"
passed=0 failed=0 skipped=0 broken=0

count() { # the number behind NAME= in the Counters element of a TRX file
    grep -o "<Counters [^>]*" "$2" | grep -o " $1=\"[0-9]*\"" | tr -dc 0-9
}

for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    echo "== $name"
    dotnet test "$project" --no-build --configuration Release ${filter:+--filter "$filter"} \
        --results-directory "$results" --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --nologo
    status=$?
    trx=$results/$name.trx
    if [ ! -f "$trx" ]; then
        # Without a result and without an error there was nothing for this filter.
        if [ "$status" -ne 0 ]; then
            echo "$name: ended without a result (exit status $status)"
            broken=$((broken + 1))
        fi
        continue
    fi
    good=$(count passed "$trx") bad=$(count failed "$trx") total=$(count total "$trx")
    passed=$((passed + good))
    failed=$((failed + bad))
    skipped=$((skipped + total - good - bad))
    [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && broken=$((broken + 1))
    # Every skipped test says why.
    awk '/outcome="NotExecuted"/ { skipped = 1 } /<\/UnitTestResult>/ { skipped = 0 }
         skipped && /<Message>/ { sub(/.*<Message>/, ""); sub(/<\/Message>.*/, ""); print "  skipped: " $0 }' "$trx" | sort | uniq -c
done

failed=$((failed + broken))
# The failures once more, where the end of a long log is all that is read.
for trx in "$results"/*.trx; do
    awk '/<UnitTestResult / { failing = /outcome="Failed"/; name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name); lines = 0
                              if (failing) print "FAILED: " name }
         failing && /<Message>/ { message = 1 }
         message && lines < 12 { print "    " $0; lines++ }
         /<\/Message>/ { message = 0 }' "$trx"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
