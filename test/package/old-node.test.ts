/** `npx channels`, and the like, on a Node.js where npm installs the package with a mere warning. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import packageManifest from "../../package.json" with { type: "json" };
import serviceManifest from "../../service/package.json" with { type: "json" };
import { channelsScript } from "../support/channels-command.js";

const service = resolve(import.meta.dirname, "../../service/dist/main.js");

let folder: string;
/** Takes away what this Node.js has and that one has not, and gives it that one's version. */
let older: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "old-node-"));
	older = join(folder, "older.cjs");
	await writeFile(
		older,
		`delete require("node:zlib").createZstdDecompress;
		Object.defineProperty(process.versions, "node", { value: "20.20.2" });`,
	);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (args: readonly string[]) =>
	new Promise<{ failed: boolean; stdout: string; stderr: string }>((settle) => {
		execFile(process.execPath, ["--require", older, ...args], (error, stdout, stderr) =>
			settle({ failed: error !== null, stdout, stderr }),
		);
	});

test.each([
	["channels", [channelsScript], packageManifest],
	["channels doctor", [channelsScript, "doctor", "--domain", "mail.acme.test"], packageManifest],
	["channels zone-file", [channelsScript, "zone-file"], packageManifest],
	["channels --help", [channelsScript, "--help"], packageManifest],
	["channels-api", [service], serviceManifest],
	["channels-api keys list", [service, "keys", "list"], serviceManifest],
])("%s says in one line which Node.js it needs", async (_, args, { engines }) => {
	const { failed, stdout, stderr } = await run(args);
	expect({ failed, stdout }).toEqual({ failed: true, stdout: "" });
	const oldest = engines.node.replace(">=", "");
	expect(stderr).toMatch(/^channels(-api)?: .*\[node-too-old\]\n$/);
	expect(stderr).toContain(`needs Node.js ${oldest} or newer, and this is 20.20.2 (${process.execPath})`);
});

const load = (entry: string) =>
	`require(${JSON.stringify(resolve(import.meta.dirname, "../../dist", entry))})`;

test.each([
	["that loads the client", load("sdk/index.js")],
	["that reads a setup", `${load("provider/index.js")}.getSesSetup("id")`],
])("so is a program told %s", async (_, program) => {
	const { failed, stderr } = await run(["--eval", program]);
	expect(failed).toBe(true);
	expect(stderr).toContain("Error: pulumi-channels needs Node.js");
	expect(stderr).not.toContain("undici");
});
