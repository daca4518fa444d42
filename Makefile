# make build      the tool and everything beside it (then: ./onnxtransfer --help)
# make test       every test but the slow ones; ends with "N passed, N failed"
# make test-full  the slow ones too
# make demo       codes of 4,000 images at three stages, a head on each, the best one exported
# make bench      side-by-side runs against named peers, tables to bench/results/
# make bench-heads   of these the heads alone; BENCH="--problems S --c 1" says which
# make clean      removes what was built

CONFIGURATION := Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: build test test-full demo bench bench-heads clean

build:
	dotnet build OnnxTransfer.sln --configuration $(CONFIGURATION) --verbosity quiet

test: build
	@tests/run.sh "TestCategory!=Slow"

test-full: build
	@tests/run.sh ""

demo:
	dotnet run --project samples/Demo --configuration $(CONFIGURATION)

bench: build bench-heads
	@dotnet run --no-build --project bench/Extraction --configuration $(CONFIGURATION)
	@dotnet run --no-build --project bench/Layers --configuration $(CONFIGURATION)
	@dotnet run --no-build --project bench/Recommendation --configuration $(CONFIGURATION)
	@dotnet run --no-build --project bench/Doctor --configuration $(CONFIGURATION)
	@dotnet run --no-build --project bench/FineTuning --configuration $(CONFIGURATION)

bench-heads:
	@dotnet build bench/Heads --configuration $(CONFIGURATION) --verbosity quiet
	@dotnet run --no-build --project bench/Heads --configuration $(CONFIGURATION) -- $(or $(BENCH),--out bench/results)

clean:
	rm -rf artifacts
