import type { Answer as DnsAnswer } from "dns-packet";
import type { Answer, QueryType } from "../../dns/answer.js";
import { canonicalName } from "../../dns/index.js";
import { Authority, type Response } from "../../sandbox/dns/authority.js";
import type { Registrar } from "../../sandbox/dns/registrar.js";
import { CachingResolver } from "../../sandbox/dns/resolver.js";
import { type HostedZones, nameServerDomain } from "../../sandbox/route53/zones.js";
import type { SimulatedClock } from "./clock.js";

/** How a name server does: `lame` knows nothing of the zones it is to serve, `stale` shows them as they were. */
export type ServerHealth = "well" | "dead" | "lame" | "stale";

/** Longer than any life. */
const staleMs = 365 * 24 * 3_600_000;
/** `tries × timeoutMs` of look-ups on the network. */
const silenceMs = 4_000;

/** Where the servers that are given to look-ups are: they answer for every live zone. */
export const givenServer = "192.0.2.53:53";

/** The sandbox's DNS as look-ups see it that ask in this process: a resolver, and each name server at an address of its own. */
export class Internet {
	readonly #authority: Authority;
	readonly #health = new Map<string, ServerHealth>();
	readonly #hosts = new Map<string, string>();

	constructor(
		private readonly clock: SimulatedClock,
		zones: HostedZones,
		registrar: Registrar,
	) {
		this.#authority = new Authority(() => zones.all(), registrar);
		zones.keepHistory(staleMs);
	}

	/** A resolver with a memory of its own. */
	resolver(): CachingResolver {
		return new CachingResolver(this.#authority, this.clock);
	}

	setHealth(host: string, health: ServerHealth): void {
		this.#health.set(host, health);
	}

	/** Makes every server well again. */
	heal(): void {
		this.#health.clear();
	}

	/** One question to a server (`ip:port`), or to the resolver. Answers after the time that it takes. */
	async ask(
		resolver: CachingResolver,
		name: string,
		type: QueryType,
		server: string | undefined,
	): Promise<Answer> {
		const address = this.#addressOf(name);
		if (address !== undefined) {
			return type === "A" ? { kind: "found", values: [address] } : { kind: "none", reason: "NODATA" };
		}
		if (server === undefined) return answerOf(resolver.resolve(name, type), type);
		if (server === givenServer) return answerOf(this.#authority.resolve(name, type, this.#now()), type);
		const host = this.#hosts.get(server);
		const health = host === undefined ? "dead" : (this.#health.get(host) ?? "well");
		if (host === undefined || health === "dead") {
			await this.clock.sleep(silenceMs);
			return { kind: "failed", reason: `no answer within ${silenceMs / 1000} s`, silent: true };
		}
		if (health === "lame") return { kind: "failed", reason: "REFUSED" };
		const { time } = this.#now();
		const viewpoint = { nameServers: [host], time: health === "stale" ? time - staleMs : time };
		const response = this.#authority.resolve(name, type === "REFERRAL" ? "NS" : type, viewpoint);
		return type === "REFERRAL" ? referralOf(response, name) : answerOf(response, type);
	}

	#now() {
		return { time: this.clock.now() };
	}

	/** The servers of hosted zones have names with a number, and so addresses (RFC 2544: 198.18.0.0/15). */
	#addressOf(name: string): string | undefined {
		const host = canonicalName(name);
		if (!host.endsWith(`.${nameServerDomain}`)) return undefined;
		const number = Number(/^ns-(\d+)\./.exec(host)?.[1] ?? 0);
		const address = `198.18.${number >> 8}.${number & 255}`;
		this.#hosts.set(`${address}:53`, host);
		return address;
	}
}

function answerOf({ rcode, answers }: Response, type: QueryType): Answer {
	if (rcode === "NXDOMAIN") return { kind: "none", reason: "NXDOMAIN" };
	if (rcode !== "NOERROR") return { kind: "failed", reason: rcode };
	const values = answers.flatMap((answer) => (answer.type === type ? [textOf(answer)] : []));
	// As Node's resolver has it, which shows a referral so as well.
	return values.length > 0 ? { kind: "found", values } : { kind: "none", reason: "NODATA" };
}

function referralOf({ rcode, authoritative, answers, authorities }: Response, name: string): Answer {
	if (rcode !== "NOERROR")
		return answerOf({ rcode, authoritative: false, answers: [], authorities: [] }, "NS");
	const values = [...answers, ...authorities].flatMap((each) =>
		each.type === "NS" && canonicalName(each.name) === canonicalName(name) ? [textOf(each)] : [],
	);
	if (values.length > 0) return { kind: "found", values };
	return { kind: "none", reason: "NODATA", ...(authoritative && { authoritative }) };
}

/** As `dns/query.ts` gives it. */
function textOf(answer: DnsAnswer): string {
	switch (answer.type) {
		case "A":
		case "AAAA":
			return answer.data;
		case "NS":
		case "CNAME":
			return answer.data.replace(/\.$/, "");
		case "MX":
			return `${answer.data.preference ?? 0} ${answer.data.exchange.replace(/\.$/, "") || "."}`;
		case "TXT":
			return [answer.data].flat().map(String).join("");
		case "SOA": {
			const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data;
			return [mname, rname, serial, refresh, retry, expire, minimum].join(" ");
		}
		default:
			throw new Error(`nobody asks for ${answer.type}`);
	}
}
