import type { OwnApi } from "./backdrop.mts";

interface CheckedRecord {
	address: string;
	type: string;
	record: string;
	verified: boolean;
}

/**
 * What the quick start reached, for people.
 * @throws {Error} when a record is not verified: the run was then no success, whatever the CLI said.
 */
export function outcome({ records, sender }: Record<string, unknown>, domain: string): string {
	const checked = (records ?? []) as CheckedRecord[];
	const width = Math.max(0, ...checked.map(({ address }) => address.length));
	const table = checked.map(
		({ verified, type, address, record }) =>
			`  ${verified ? "✓ verified" : "✗ missing "}  ${type.padEnd(5)}  ${address.padEnd(width)}  ${record}`,
	);
	if (checked.length !== 5 || sender !== domain || checked.some(({ verified }) => !verified)) {
		throw new Error(`${domain} is not verified:\n${table.join("\n")}`);
	}
	return `\n${sender} is registered, published and verified:\n\n${table.join("\n")}\n`;
}

interface Running {
	/** Undefined where the one in the provider is used. */
	api: OwnApi | undefined;
	/** `ip:port`. */
	dnsServer: string;
	environmentFile: string;
	domain: string;
}

/** Commands that work as they stand in the repository, in any POSIX shell. */
export function howToGoOn({ api, dnsServer, environmentFile, domain }: Running): string {
	const [host, port] = dnsServer.split(":");
	const pulumi = (command: string) => `  . ${environmentFile}; npm run -s pulumi -- ${command}`;
	const askApi = api
		? [
				`  curl -s -H 'Authorization: Bearer ${api.key}' ${api.url}/v1/${api.workspaceId}/channels/ses-setup`,
				"",
			]
		: [];
	return [
		"All of it keeps running until ^C. In another terminal, in this folder:",
		"",
		pulumi("up --yes"),
		pulumi("refresh --yes"),
		"",
		...askApi,
		`  dig @${host} -p ${port} +short MX ${domain}`,
		"",
		pulumi("destroy --yes"),
		"",
	].join("\n");
}
