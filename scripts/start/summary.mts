import type { Backdrop } from "./backdrop.mts";

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

/** Commands that work as they stand in the repository, in any POSIX shell. */
export function howToGoOn(what: { backdrop: Backdrop; environmentFile: string; domain: string }): string {
	const { apiUrl, apiKey, workspaceId, dnsServer } = what.backdrop;
	const [host, port] = dnsServer.split(":");
	const pulumi = (command: string) => `  . ${what.environmentFile}; npm run -s pulumi -- ${command}`;
	return `All of it keeps running until ^C. In another terminal, in this folder:

${pulumi("up --yes")}
${pulumi("refresh --yes")}

  curl -s -H 'Authorization: Bearer ${apiKey}' ${apiUrl}/v1/${workspaceId}/channels/ses-setup

  dig @${host} -p ${port} +short MX ${what.domain}

${pulumi("destroy --yes")}
`;
}
