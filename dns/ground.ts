/** Why the resolver of this machine says something else than the internet. */
import type { Ask } from "./answer.js";
import { askEach, firstAddresses, firstAnswer } from "./ask-servers.js";
import { madeUpBelow } from "./names.js";
import { isPrivateAddress } from "./networks.js";
import type { OtherView } from "./other-view.js";
import { splitServer } from "./servers.js";

/**
 * `negative`: it says that no zone begins there, as from before the delegation. `former`: it names servers of before.
 * `private`: this network has a zone of that name for itself. `unclear`: one of the last two.
 */
export type Ground = "negative" | "former" | "private" | "unclear";

/**
 * What Route 53 names as the servers of every private hosted zone, and of no public one (Route 53 Developer Guide, "Working
 * with private hosted zones").
 */
const RESERVED = new Set([
	"ns-0.awsdns-00.com",
	"ns-512.awsdns-00.net",
	"ns-1024.awsdns-00.org",
	"ns-1536.awsdns-00.co.uk",
]);

/** Whether these are the servers of a private hosted zone, which nobody but its network's resolver can ask. */
export const areReserved = (nameServers: readonly string[]): boolean =>
	nameServers.length > 0 && nameServers.every((host) => RESERVED.has(host));

/** Finds out, by a few questions, what another view comes from. */
export async function groundOf({ name, told }: OtherView, ask: Ask): Promise<Ground> {
	if (told.length === 0) return "negative";
	if (areReserved(told)) return "private";
	const servers = (await firstAddresses(told, ask)).filter((server) => server !== undefined);
	if (servers.length > 0 && servers.every((server) => isPrivateAddress(splitServer(server).address)))
		return "private";
	const heard = await firstAnswer(askEach(told, name, "NS", ask));
	if (heard?.kind === "found") return "former";
	if (heard?.kind !== "failed") return "unclear";
	// They refuse to serve it. Who only remembers them cannot answer for a name that nobody has asked for.
	const made = await ask(madeUpBelow(name), "TXT");
	return made.kind === "failed" ? "former" : "private";
}
