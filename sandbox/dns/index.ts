import type { Answer } from "dns-packet";
import type { Core } from "../http.js";
import { canonicalName } from "../route53/names.js";
import type { HostedZone, HostedZones } from "../route53/zones.js";
import { Authority } from "./authority.js";
import { answerPacket, type Face, query } from "./face.js";
import type { Registrar } from "./registrar.js";
import { CachingResolver } from "./resolver.js";
import { type DnsServer, serveDns } from "./server.js";

export interface FurtherServer {
	/** Its name in the request log and in fault rules, as `input.face`. */
	readonly name: string;
	/** It shows each change so many milliseconds after INSYNC; `Infinity`: it never shows any made after its start. Default 0. */
	readonly lagMs?: number;
	/** It is these name servers alone and refuses the zones of others. Default: it answers for all live zones. */
	readonly nameServers?: readonly string[];
	readonly port?: number;
}

export interface DnsOptions {
	/** The longest the resolver remembers a "no", in seconds. Default: as the zone's SOA says, 900 in Route 53. */
	readonly longestNegativeTtl?: number;
	/** Ports of the two faces; free ones by default. */
	readonly ports?: { readonly authoritative?: number; readonly resolver?: number };
}

/** The sandbox's DNS: two faces on sockets, further servers on demand, and the registrar's delegations. */
export class Dns {
	readonly #servers: DnsServer[] = [];
	readonly #authority: Authority;
	readonly #resolver: CachingResolver;
	readonly #authoritativeFace: Face;
	readonly #resolverFace: Face;
	/** `127.0.0.1:<port>` of the server that answers for every live zone. */
	authoritative = "";
	/** `127.0.0.1:<port>` of the recursive resolver, which caches. */
	resolver = "";

	constructor(
		private readonly core: Core,
		private readonly zones: HostedZones,
		private readonly registrar: Registrar,
		private readonly options: DnsOptions = {},
	) {
		this.#authority = new Authority(() => zones.all(), registrar);
		this.#resolver = new CachingResolver(this.#authority, core.clock, options.longestNegativeTtl);
		this.#authoritativeFace = this.#face({ name: "authoritative" });
		this.#resolverFace = {
			name: "resolver",
			recursive: true,
			resolve: (name, type) => this.#resolver.resolve(name, type),
		};
	}

	/** Opens both faces. */
	async start(): Promise<void> {
		const { ports = {} } = this.options;
		this.authoritative = await this.#serve(this.#authoritativeFace, ports.authoritative);
		this.resolver = await this.#serve(
			{
				name: "resolver",
				recursive: true,
				resolve: (name, type) => this.#resolver.resolve(name, type),
			},
			ports.resolver,
		);
	}

	/** Starts a further authoritative server, closed with the sandbox. @returns `127.0.0.1:<port>` */
	addServer(server: FurtherServer): Promise<string> {
		this.zones.keepHistory(server.lagMs ?? 0);
		return this.#serve(this.#face(server), server.port);
	}

	/** Delegates a registered name to these servers, as its owner does at the registrar. */
	delegate(name: string, nameServers: readonly string[]): void {
		this.registrar.delegate(name, nameServers);
	}

	/** Ends the delegation of a registered name. */
	undelegate(name: string): void {
		this.registrar.undelegate(name);
	}

	/** Writes a zone's name servers into the nearest hosted zone above it, which makes it live there. */
	delegateInParent(zone: Pick<HostedZone, "name" | "nameServers">): void {
		const parent = this.zones
			.all()
			.filter((other) => !other.isPrivate && zone.name.endsWith(`.${other.name}`))
			.sort((a, b) => b.name.length - a.name.length)[0];
		if (!parent) throw new Error(`no public zone above ${zone.name} is hosted in the sandbox`);
		this.zones.edit(parent.id, [
			{
				Action: "UPSERT",
				ResourceRecordSet: {
					Name: zone.name,
					Type: "NS",
					TTL: 172_800,
					ResourceRecords: zone.nameServers.map((host) => ({ Value: canonicalName(host) })),
				},
			},
		]);
	}

	/** Makes the resolver forget all it remembers. */
	flushResolver(): void {
		this.#resolver.flush();
	}

	/** The targets of the CNAME at a name, asked of the resolver without a socket; faults and log as for any query. */
	async cname(name: string): Promise<{ targets: string[] } | { failure: string }> {
		const answers = await this.#asked(name, "CNAME");
		if ("failure" in answers) return answers;
		return { targets: answers.flatMap((answer) => (answer.type === "CNAME" ? [answer.data] : [])) };
	}

	/** The MX records of a name, as `10 host` each; asked as {@link cname}. */
	async mx(name: string): Promise<{ exchangers: string[] } | { failure: string }> {
		const answers = await this.#asked(name, "MX");
		if ("failure" in answers) return answers;
		return {
			exchangers: answers.flatMap((answer) =>
				answer.type === "MX" ? [`${answer.data.preference} ${answer.data.exchange}`] : [],
			),
		};
	}

	/** The TXT records of a name, the strings of each joined; asked as {@link cname}. */
	async txt(name: string): Promise<{ texts: string[] } | { failure: string }> {
		const answers = await this.#asked(name, "TXT");
		if ("failure" in answers) return answers;
		return {
			texts: answers.flatMap((answer) =>
				answer.type === "TXT" ? [[answer.data].flat().map(String).join("")] : [],
			),
		};
	}

	async #asked(name: string, type: "CNAME" | "MX" | "TXT"): Promise<readonly Answer[] | { failure: string }> {
		const response = await query(this.#resolverFace, this.core, { name, type }, "in-process");
		if (!response) return { failure: "timeout" };
		if (response.rcode !== "NOERROR" && response.rcode !== "NXDOMAIN") return { failure: response.rcode };
		return response.answers;
	}

	async close(): Promise<void> {
		await Promise.all(this.#servers.map((server) => server.close()));
	}

	#face({ name, lagMs = 0, nameServers }: FurtherServer): Face {
		return {
			name,
			recursive: false,
			resolve: (asked, type) =>
				this.#authority.resolve(asked, type, {
					time: this.core.clock.now() - lagMs,
					...(nameServers ? { nameServers } : {}),
				}),
		};
	}

	async #serve(face: Face, port: number | undefined): Promise<string> {
		const server = await serveDns(
			(packet, transport) => answerPacket(face, this.core, packet, transport),
			port,
		);
		this.#servers.push(server);
		return server.address;
	}
}
