import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Sandbox } from "../sandbox/index.js";
import { pythonWith } from "../test/peers/python.js";

const requirements = ["octodns==1.22.0", "octodns-route53==1.3.1", "setuptools==80.9.0"];

/** JSON is YAML. A semicolon is escaped in octodns' TXT values. */
const zoneFile = (count: number) =>
	JSON.stringify(
		Object.fromEntries(
			Array.from({ length: count }, (_, index): [string, object][] => [
				...["a", "b", "c"].map((key): [string, object] => [
					`${key}${index}._domainkey.d${index}`,
					{ type: "CNAME", value: `${key}${index}.dkim.amazonses.com.` },
				]),
				[
					`d${index}`,
					{ type: "MX", value: { preference: 10, exchange: "inbound-smtp.us-east-1.amazonaws.com." } },
				],
				[`_dmarc.d${index}`, { type: "TXT", value: "v=DMARC1\\; p=none" }],
			]).flat(),
		),
	);

/** octodns with the records of so many domains in one zone, as a user has it in a repository. */
export async function octodns(sandbox: Sandbox, zone: string, count: number) {
	const python = await pythonWith(requirements);
	const folder = await mkdtemp(join(tmpdir(), "channels-octodns-"));
	await mkdir(join(folder, "zones"));
	await writeFile(join(folder, "zones", `${zone}.yaml`), zoneFile(count));
	await writeFile(
		join(folder, "octodns.yaml"),
		JSON.stringify({
			providers: {
				files: {
					class: "octodns.provider.yaml.YamlProvider",
					directory: join(folder, "zones"),
					default_ttl: 300,
					enforce_order: false,
				},
				route53: { class: "octodns_route53.Route53Provider" },
			},
			zones: { [`${zone}.`]: { sources: ["files"], targets: ["route53"] } },
		}),
	);
	return {
		/** Ends when Route 53 has accepted the changes. */
		async publish(): Promise<void> {
			const command = ["-m", "octodns.cmds.sync", "--config-file", join(folder, "octodns.yaml"), "--doit"];
			await promisify(execFile)(python, command, { env: { ...process.env, ...sandbox.env() } });
		},
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
	};
}
