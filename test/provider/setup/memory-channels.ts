import { randomUUID } from "node:crypto";
import type { Clock } from "../../../provider/core/clock.js";
import type { HttpAnswer, HttpRequest, SesSetupDetailResponse, Transport } from "../../../sdk/index.js";
import { TransportError } from "../../../sdk/transport.js";

export interface MemoryChannelsOptions {
	/** How far its clock is ahead of the one that it sleeps by. Default 0. */
	readonly aheadMs?: number;
	/** Default 1. */
	readonly roundTripMs?: number;
	/** How long the work of a POST takes, after its names are taken. Default 300. */
	readonly workMs?: number;
	/** How long a look at DNS takes. Default 20. */
	readonly lookMs?: number;
	/** What it leaves out. */
	readonly without?: "date" | "dns_checked_at";
	/** How it spells a time. Default: with milliseconds. */
	readonly spell?: (time: Date) => string;
}

/** When a POST loses its answer: before or after the work. Not at all: undefined. */
export type Loss = "before" | "after" | undefined;

const isCreate = ({ method, url }: HttpRequest) => method === "POST" && url.pathname.endsWith("/ses-setup");

/** The Channels API in memory, on a virtual clock: registrations, the list, and looks. */
export class MemoryChannels {
	readonly setups: SesSetupDetailResponse[] = [];
	posts = 0;

	constructor(
		private readonly clock: Clock,
		private readonly options: MemoryChannelsOptions = {},
	) {}

	/** A way to it on which the answer of a POST may get lost. */
	transport(loss?: Loss): Transport {
		return {
			send: async (request) => {
				await this.#pass(this.#halfTripMs);
				const isLost = isCreate(request) ? loss : undefined;
				const answer = isLost === "before" ? undefined : await this.#answer(request);
				await this.#pass(this.#halfTripMs);
				if (isLost || !answer) throw new TransportError("lost", true, "other side closed");
				return answer;
			},
			close: async () => {},
		};
	}

	/** Takes the names at this moment, as a POST that arrives does. */
	register(tenant: string, domain: string): SesSetupDetailResponse | undefined {
		if (this.setups.some((setup) => setup.tenant_name === tenant || setup.domain_identity === domain)) return;
		const now = this.#now();
		const setup: SesSetupDetailResponse = {
			id: randomUUID(),
			tenant_name: tenant,
			domain_identity: domain,
			dns_checked_at: null,
			dns_records: [],
			created_at: now,
			updated_at: now,
		};
		this.setups.push(setup);
		return setup;
	}

	async #answer(request: HttpRequest): Promise<HttpAnswer> {
		const { url, body } = request;
		if (isCreate(request)) {
			this.posts += 1;
			const { tenant_name, domain_identity } = JSON.parse(body ?? "{}") as SesSetupDetailResponse;
			const setup = this.register(tenant_name, domain_identity);
			await this.#pass(this.options.workMs ?? 300);
			return setup ? this.#json(201, setup) : this.#json(409, { detail: "Tenant name already exists." });
		}
		const [, id] = /ses-setup\/([^/]+)/.exec(url.pathname) ?? [];
		if (id === undefined) {
			const items = this.setups.map((setup) => ({ ...setup, dns_verified: false }));
			return this.#json(200, { items, has_more: false });
		}
		const setup = this.setups.find((each) => each.id === id);
		if (!setup) return this.#json(404, { detail: "SES setup not found." });
		await this.#pass(this.options.lookMs ?? 20);
		if (this.options.without !== "dns_checked_at") setup.dns_checked_at = this.#timeOfCheck(setup);
		return this.#json(200, setup);
	}

	#json(status: number, body: unknown): HttpAnswer {
		const date = new Date(this.clock.now() + (this.options.aheadMs ?? 0)).toUTCString();
		return {
			status,
			headers: {
				"content-type": "application/json",
				...(this.options.without === "date" ? {} : { date }),
			},
			body: JSON.stringify(body),
		};
	}

	/** As in the service, no two checks of a setup have the same one, if it can be spelled. */
	#timeOfCheck({ dns_checked_at }: SesSetupDetailResponse): string {
		const now = this.#now();
		return dns_checked_at === now ? this.#now(1) : now;
	}

	#now(later = 0): string {
		const { aheadMs = 0, spell = (time) => time.toISOString() } = this.options;
		return spell(new Date(this.clock.now() + aheadMs + later));
	}

	get #halfTripMs(): number {
		return (this.options.roundTripMs ?? 1) / 2;
	}

	#pass(ms: number): Promise<void> {
		return this.clock.sleep(ms, new AbortController().signal);
	}
}
