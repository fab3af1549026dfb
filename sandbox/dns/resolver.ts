import type { Answer } from "dns-packet";
import type { Clock } from "../server-clock.js";
import type { Authority, Response } from "./authority.js";

/** A recursive resolver with a cache, so that whoever asks before a record is there is told "no" for long. */
export class CachingResolver {
	readonly #cache = new Map<string, { response: Response; storedAt: number; expiresAt: number }>();

	constructor(
		private readonly authority: Authority,
		private readonly clock: Clock,
		/** The longest that a "no" is remembered, in seconds; default: as the zone's SOA says. */
		private readonly longestNegativeTtl: number = Number.POSITIVE_INFINITY,
	) {}

	/** Forgets everything. */
	flush(): void {
		this.#cache.clear();
	}

	resolve(name: string, type: string): Response {
		const now = this.clock.now();
		const cached = this.#recall(name.toLowerCase(), type, now);
		if (cached) return cached;
		const response = asResolver(this.authority.resolve(name, type, { time: now }));
		const ttl = this.#ttlOf(response);
		if (ttl > 0) {
			const key = isWholly(response) ? nameKey(name.toLowerCase()) : questionKey(name.toLowerCase(), type);
			this.#cache.set(key, { response, storedAt: now, expiresAt: now + ttl * 1000 });
		}
		return response;
	}

	#recall(name: string, type: string, now: number): Response | undefined {
		const keys = [questionKey(name, type)];
		// What does not exist has nothing below it either (RFC 8020).
		for (let level = name; level !== ""; level = level.split(".").slice(1).join("."))
			keys.push(nameKey(level));
		for (const key of keys) {
			const entry = this.#cache.get(key);
			if (!entry) continue;
			if (entry.expiresAt > now) return aged(entry.response, Math.floor((now - entry.storedAt) / 1000));
			this.#cache.delete(key);
		}
		return undefined;
	}

	#ttlOf({ rcode, answers, authorities }: Response): number {
		if (rcode !== "NOERROR" && rcode !== "NXDOMAIN") return 0;
		const positive = answers.map(ttlOf);
		const negative = authorities.map((soa) => Math.min(ttlOf(soa), this.longestNegativeTtl));
		const ttls = [...positive, ...negative];
		return ttls.length === 0 ? 0 : Math.min(...ttls);
	}
}

/** Whether the name asked for, and not the end of an alias, does not exist at all. */
function isWholly({ rcode, answers }: Response): boolean {
	return rcode === "NXDOMAIN" && answers.length === 0;
}

function questionKey(name: string, type: string): string {
	return `${name} ${type}`;
}

function nameKey(name: string): string {
	return `${name} NXDOMAIN`;
}

/** What a resolver makes of it: it answers for others, and where nobody serves a name it has failed. */
function asResolver(response: Response): Response {
	const isReferral = response.rcode === "NOERROR" && response.authorities.some(({ type }) => type === "NS");
	if (isReferral) return { rcode: "SERVFAIL", authoritative: false, answers: [], authorities: [] };
	// A name under no delegation of the registrar is not registered.
	if (response.rcode === "REFUSED") return { ...response, rcode: "NXDOMAIN" };
	return { ...response, authoritative: false };
}

function ttlOf(answer: Answer): number {
	return answer.type === "OPT" ? 0 : (answer.ttl ?? 0);
}

function aged(response: Response, seconds: number): Response {
	const age = (answer: Answer): Answer =>
		answer.type === "OPT" ? answer : { ...answer, ttl: Math.max(0, (answer.ttl ?? 0) - seconds) };
	return { ...response, answers: response.answers.map(age), authorities: response.authorities.map(age) };
}
