# make build      the tool and everything beside it (then: ./onnxtransfer --help)
# make test       every test but the slow ones; ends with "N passed, N failed"
# make test-full  the slow ones too
# make demo       codes of 4,000 images at three stages, a head on each, the best one exported
# make bench      side-by-side runs against named peers, tables to bench/results/
# make clean      removes what was built

CONFIGURATION := Release
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: build test test-full demo bench clean

build:
	dotnet build OnnxTransfer.sln --configuration $(CONFIGURATION) --verbosity quiet

test: build
	@tests/run.sh "TestCategory!=Slow"

test-full: build
	@tests/run.sh ""

demo:
	dotnet run --project samples/Demo --configuration $(CONFIGURATION)

bench: build
	@for project in bench/*/*.csproj; do dotnet run --no-build --project $$project --configuration $(CONFIGURATION) || exit 1; done

clean:
	rm -rf artifacts
