import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { startTestService, type TestService } from "../support/service.js";
import { pythonWith } from "./python.js";

let python: string;
let sandbox: Sandbox;
let service: TestService;
let folder: string;

beforeAll(async () => {
	python = await pythonWith(["schemathesis==4.32.5"]);
	folder = await mkdtemp(join(tmpdir(), "channels-schemathesis-"));
	sandbox = await startSandbox();
	service = await startTestService({ sandbox, limits: { requestsPerSecond: 100_000 } });
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
	await rm(folder, { recursive: true, force: true });
});

it("finds nothing to object to: every check, every operation", async () => {
	// Of all workspaces one is the key's; of the others nothing but 403 can be learnt.
	await writeFile(
		join(folder, "schemathesis.toml"),
		[
			"[headers]",
			`Authorization = "Bearer ${service.apiKey}"`,
			"[parameters]",
			`"path.workspace_id" = "${service.workspaceId}"`,
		].join("\n"),
	);
	// A key belongs to one body, which no schema can say: with another one the answer is 422.
	await writeFile(
		join(folder, "hooks.py"),
		[
			"import uuid",
			"import schemathesis",
			"",
			"@schemathesis.hook",
			"def map_headers(context, headers):",
			"    try:",
			'        uuid.UUID((headers or {}).get("Idempotency-Key"))',
			"    except (AttributeError, TypeError, ValueError):",
			"        return headers",
			'    return {**headers, "Idempotency-Key": str(uuid.uuid4())}',
		].join("\n"),
	);
	const child = spawn(
		python,
		[
			"-m",
			"schemathesis.cli",
			"run",
			`${service.url}/openapi.json`,
			"--checks=all",
			"--continue-on-failure",
			`--max-examples=${process.env.CHANNELS_SOAK_EXAMPLES ?? "50"}`,
			"--no-color",
		],
		{
			cwd: folder,
			stdio: ["ignore", "pipe", "inherit"],
			env: { ...process.env, PYTHONPATH: folder, SCHEMATHESIS_HOOKS: "hooks" },
		},
	);
	const [report, code] = await Promise.all([
		text(child.stdout),
		new Promise((resolve) => child.once("exit", resolve)),
	]);
	expect(code, report.slice(-8_000)).toBe(0);
	console.info(report.slice(report.lastIndexOf("SUMMARY")));
});
