// `npm run pictures`: makes docs/pictures/ from real runs on a sandbox: `pulumi up`, a wait that ends in vain, and what
// `channels doctor` says of the same domain. Needs `script` of util-linux, which gives a program a terminal.
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, ensurePulumi } from "@pulumi-channels/sandbox/engine";
import { onTerminal } from "./pictures/terminal.mts";
import { repository } from "./setup.mjs";
import { type Backdrop, type OwnApi, startApi, startBackdrop } from "./start/backdrop.mts";

const names = { tenantName: "acme-support", domainIdentity: "mail.acme.com" };
const program = (more: object) => `
import { SesSetup } from "pulumi-channels";

const mail = new SesSetup("mail", ${JSON.stringify({ ...names, ...more })});
export const sender = mail.verifiedDomain;
`;
const published = program({ route53: true, waitForVerification: true });
const registered = program({});
const inVain = program({ waitForVerification: { timeout: "5s" } });

async function main(): Promise<void> {
	const engine = await ensurePulumi({ log: console.log });
	await using backdrop = await startBackdrop("acme.com");
	await using api = await startApi(backdrop.sandbox);
	await using project = await createProject(engine, backdrop, api);
	const picture = async (name: string, shown: string, command: string[]) => {
		const { svg } = await onTerminal(command, { cwd: project.folder, env: project.env, shown });
		await writeFile(join(repository, `docs/pictures/${name}.svg`), svg);
		console.log(`docs/pictures/${name}.svg`);
	};
	const up = [engine.command, "up", "--yes", "--skip-preview", "--suppress-permalink=true"];
	await project.write(published);
	await picture("up", "pulumi up", up);
	await project.pulumi("destroy", "--yes", "--skip-preview");

	// What people do: an MX of before, the zone's name twice, and one record forgotten.
	await project.write(registered);
	await project.pulumi("up", "--yes", "--skip-preview");
	await publishWithSlips(backdrop, api);
	await project.write(inVain);
	await picture("wait", "pulumi up", up);
	const channels = [process.execPath, join(repository, "dist/cli/main.js")];
	const doctor = "channels doctor --domain mail.acme.com";
	await picture("doctor", `npx ${doctor}`, [...channels, ...doctor.split(" ").slice(1)]);
}

async function publishWithSlips({ sandbox }: Backdrop, { url, key, workspaceId }: OwnApi): Promise<void> {
	const setups = `${url}/v1/${workspaceId}/channels/ses-setup`;
	const headers = { authorization: `Bearer ${key}` };
	const { items } = (await (await fetch(setups, { headers })).json()) as { items: { id: string }[] };
	const { dns_records } = (await (await fetch(`${setups}/${items[0]?.id}`, { headers })).json()) as {
		dns_records: { address: string; type: string; record: string }[];
	};
	const [zone] = sandbox.route53.allZones();
	if (!zone) throw new Error("the sandbox has no zone");
	const put = (name: string, type: "CNAME" | "MX" | "TXT", value: string) =>
		sandbox.route53.put(zone.id, { name, type, values: [value] });
	for (const { address, type, record } of dns_records) {
		if (type === "CNAME") put(address, type, record);
		if (type === "MX") put(address, type, "5 mx.other.example");
		if (type === "TXT") put(`${address}.acme.com`, type, JSON.stringify(record));
	}
}

interface Project extends AsyncDisposable {
	readonly folder: string;
	readonly env: NodeJS.ProcessEnv;
	write(program: string): Promise<void>;
	pulumi(...args: string[]): Promise<void>;
}

async function createProject(engine: Engine, backdrop: Backdrop, api: OwnApi): Promise<Project> {
	await using undo = new AsyncDisposableStack();
	const root = await mkdtemp(join(tmpdir(), "pulumi-channels-pictures-"));
	undo.defer(() => rm(root, { recursive: true, force: true }));
	const folder = join(root, "acme");
	await mkdir(folder);
	await mkdir(join(root, "state"));
	await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
	const options = { typescript: false };
	const project = { name: "acme", runtime: { name: "nodejs", options } };
	await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify(project));
	await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", main: "index.ts" }));
	const env = engine.env({
		...process.env,
		...backdrop.env,
		PULUMI_BACKEND_URL: `file://${join(root, "state")}`,
		PULUMI_CONFIG_PASSPHRASE: "pictures",
		PULUMI_HOME: join(root, "home"),
		// An offer of Pulumi's cloud, which would stand in the middle of the error.
		PULUMI_SUPPRESS_NEO_LINK: "true",
		CHANNELS_API_KEY: api.key,
		CHANNELS_WORKSPACE_ID: api.workspaceId,
		CHANNELS_BASE_URL: api.url,
	});
	const pulumi = async (...args: string[]) => {
		const { code, stdout, stderr } = await engine.run([...args, "--non-interactive"], { cwd: folder, env });
		if (code !== 0) throw new Error(`pulumi ${args[0]} failed (exit code ${code}): ${stderr}${stdout}`);
	};
	await pulumi("stack", "init", "dev");
	const made = undo.move();
	return {
		folder,
		env,
		write: (text) => writeFile(join(folder, "index.ts"), text),
		pulumi,
		[Symbol.asyncDispose]: () => made.disposeAsync(),
	};
}

await main();
