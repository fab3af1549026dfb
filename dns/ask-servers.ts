import type { Answer, Ask, QueryType } from "./answer.js";
import { formatServer } from "./servers.js";

/** So many of a zone's servers are asked at once about what it delegates. */
const SERVERS_ASKED = 3;

/** Asks the first servers of a zone, each at one address; undefined for those that have none. */
export function askEach(
	servers: readonly string[],
	name: string,
	type: QueryType,
	ask: Ask,
): Promise<Answer | undefined>[] {
	return servers.slice(0, SERVERS_ASKED).map(async (server) => {
		const address = await firstAddressOf(server, ask);
		return address === undefined ? undefined : ask(name, type, address);
	});
}

/**
 * The first that is no failure, as soon as it is there; else a failure that somebody answered with; undefined where
 * nobody answered.
 */
export function firstAnswer(answers: readonly Promise<Answer | undefined>[]): Promise<Answer | undefined> {
	return new Promise((resolve, reject) => {
		for (const answer of answers) {
			answer.then((each) => {
				if (each !== undefined && each.kind !== "failed") resolve(each);
			}, reject);
		}
		Promise.all(answers).then(
			(all) => resolve(all.find((each) => each?.kind === "failed" && !each.silent)),
			reject,
		);
	});
}

/** Of the servers that {@link askEach} asks. */
export const firstAddresses = (servers: readonly string[], ask: Ask) =>
	Promise.all(servers.slice(0, SERVERS_ASKED).map((server) => firstAddressOf(server, ask)));

/** The one that is asked first, without a question that it does not need. */
async function firstAddressOf(host: string, ask: Ask): Promise<string | undefined> {
	for (const type of ["A", "AAAA"] as const) {
		const answer = await ask(host, type);
		if (answer.kind === "found" && answer.values[0] !== undefined) return formatServer(answer.values[0]);
	}
	return undefined;
}
