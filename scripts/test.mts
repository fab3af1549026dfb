// `npm test`: every check there is, each phase with its name and time, and one closing line of totals.
// With arguments (`npm test -- test/sdk`) they go to vitest, and only the tests run.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ensurePulumi } from "@pulumi-channels/sandbox/engine";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

interface VitestReport {
	numPassedTests: number;
	numFailedTests: number;
	testResults: {
		name: string;
		status: string;
		message: string;
		startTime: number;
		endTime: number;
		assertionResults: { status: string }[];
	}[];
}

const bin = (path: string) => join(repository, "node_modules", path);
const failedPhases: string[] = [];

/** Runs one phase and says how it went; a failing one does not keep the next from running. */
async function phase(name: string, work: () => Promise<boolean>): Promise<boolean> {
	const started = performance.now();
	console.log(`\n── ${name}`);
	const ok = await work().catch((error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		return false;
	});
	console.log(`── ${name}: ${ok ? "ok" : "FAILED"} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
	if (!ok) failedPhases.push(name);
	return ok;
}

async function node(args: string[]): Promise<boolean> {
	return (await run(process.execPath, args, { cwd: repository })) === 0;
}

async function vitest(args: string[]): Promise<VitestReport> {
	const folder = mkdtempSync(join(tmpdir(), "pulumi-channels-vitest-"));
	const file = join(folder, "report.json");
	let report: VitestReport = { numPassedTests: 0, numFailedTests: 0, testResults: [] };
	await phase("Tests (vitest)", async () => {
		const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
		const ok = await node([bin("vitest/vitest.mjs"), "run", ...reporters, ...args]);
		report = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
		return ok;
	});
	rmSync(folder, { recursive: true, force: true });
	return report;
}

/** Where the time goes: files of different workers run side by side. */
function showSlowest({ testResults }: VitestReport): void {
	const files = testResults
		.map(({ name, startTime, endTime }) => ({
			name: relative(repository, name),
			seconds: (endTime - startTime) / 1000,
		}))
		.sort((a, b) => b.seconds - a.seconds)
		.slice(0, 10);
	console.log("\nThe slowest files");
	for (const { name, seconds } of files) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}

async function main(args: string[]): Promise<number> {
	if (args.length === 0) {
		// The sources were compiled, and so type-checked, by the setup.
		await phase("Types of tests and scripts (tsc)", () =>
			node([bin("typescript/bin/tsc"), "-p", "test", "--noEmit"]),
		);
		await phase("Types of examples (tsc)", () => node([bin("typescript/bin/tsc"), "-p", "examples"]));
		await phase("Format and lint (biome)", () => node([bin("@biomejs/biome/bin/biome"), "check"]));
		await phase("Unused code and packages (knip)", () => node([bin("knip/bin/knip.js")]));
		await phase("Import directions (dependency-cruiser)", () =>
			node([bin("dependency-cruiser/bin/dependency-cruiser.mjs"), "."]),
		);
	}
	const hasEngine = await phase("The real Pulumi CLI", async () => {
		const { version, command } = await ensurePulumi({ log: console.log });
		console.log(`Pulumi ${version}: ${command}`);
		return true;
	});
	// Without the CLI every integration test would fail for the one reason that has just been told.
	const report = await vitest(hasEngine ? args : ["--project=unit", ...args]);

	showSlowest(report);
	const brokenFiles = report.testResults.filter(
		({ status, assertionResults }) =>
			status === "failed" && !assertionResults.some((result) => result.status === "failed"),
	);
	const failedChecks = failedPhases.filter((name) => !name.startsWith("Tests"));
	let failed = report.numFailedTests + brokenFiles.length + failedChecks.length;
	// A run that ended badly without a failed test (an unhandled error, say) is a failure all the same.
	if (failedPhases.length > 0 && failed === 0) failed = 1;
	console.log(failedPhases.length === 0 ? "" : `\nFailed: ${failedPhases.join("; ")}\n`);
	console.log(`${report.numPassedTests} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
