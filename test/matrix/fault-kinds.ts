import type { FaultEffect, FaultMoment } from "../../sandbox/index.js";

export interface Fault {
	readonly name: string;
	/** What the servers do. `over` resolves when the operation has ended. Undefined: nothing listens. */
	readonly effects?: (over: PromiseLike<unknown>) => readonly FaultEffect[];
}

const error = (status: number, code: string, when: FaultMoment = "before", headers = {}): FaultEffect => ({
	kind: "error",
	status,
	code,
	message: "Not now.",
	headers,
	when,
});
const page = (status: number, when: FaultMoment = "after"): FaultEffect => ({
	kind: "answer",
	status,
	headers: { "content-type": "text/html" },
	body: `<html><h1>${status}</h1></html>`,
	when,
});

const whens = { before: "before the work", after: "after the work" } as const;

function lost(when: FaultMoment): Fault[] {
	return [
		{ name: `dropped ${whens[when]}`, effects: () => [{ kind: "drop", when }] },
		{
			name: `no answer ${whens[when]}`,
			effects: (until) => [
				{ kind: "hold", until, when },
				{ kind: "drop", when },
			],
		},
		{ name: `500 ${whens[when]}`, effects: () => [error(500, "InternalFailure", when)] },
		{ name: `502 of a gateway ${whens[when]}`, effects: () => [page(502, when)] },
		{ name: `503 ${whens[when]}`, effects: () => [error(503, "ServiceUnavailable", when)] },
		{ name: `504 of a gateway ${whens[when]}`, effects: () => [page(504, when)] },
	];
}

const garbled: Fault[] = [
	{ name: "a page in its place", effects: () => [page(200)] },
	{ name: "an answer that breaks off", effects: () => [{ kind: "cut" }] },
];

function halfText(service: string, operation: string): Fault {
	const [type, body] =
		service === "channels" || service === "sesv2"
			? ["application/json", '{"id": "']
			: ["text/xml", '<?xml version="1.0"?><Answer><Id>'];
	const status = operation === "POST ses-setup" ? 201 : 200;
	const effect: FaultEffect = {
		kind: "answer",
		status,
		headers: { "content-type": type },
		body,
		when: "after",
	};
	return { name: "half a text", effects: () => [effect] };
}

/** AWS throttles with 400 and a code (Route 53 API Reference, "Common Errors"), SES with 429. */
function limited(service: string): Fault {
	if (service === "channels")
		return { name: "429", effects: () => [error(429, "RateLimited", "before", { "retry-after": "1" })] };
	const isSes = service === "sesv2";
	const effect = isSes ? error(429, "TooManyRequestsException") : error(400, "Throttling");
	return { name: "throttled", effects: () => [effect] };
}

const denied: Fault = { name: "denied", effects: () => [error(403, "AccessDeniedException")] };

const refused: Fault = { name: "refused" };

const ofDns: Fault[] = [
	{ name: "SERVFAIL", effects: () => [error(0, "SERVFAIL")] },
	{ name: "REFUSED", effects: () => [error(0, "REFUSED")] },
	{ name: "no answer", effects: () => [{ kind: "drop", when: "before" }] },
	{ name: "a message that breaks off", effects: () => [{ kind: "cut" }] },
];

/** In place of one call: all questions of the DNS. */
export const everyQuestion = "dns whatever it is asked";

export const changesSomething = (call: string): boolean =>
	/POST ses-setup$|DELETE|ChangeResourceRecordSets|sesv2 (Create|Delete|Put|Tag|Untag)/.test(call);

/** Each kind once: what a gateway makes of an answer is the same for all statuses. */
const ofSes = (call: string): Fault[] => [
	refused,
	denied,
	limited("sesv2"),
	...lost("before").filter(({ name }) => /^(dropped|no answer|500|503)/.test(name)),
	...(changesSomething(call)
		? lost("after").filter(({ name }) => /^(dropped|no answer|504)/.test(name))
		: []),
	...garbled,
	halfText("sesv2", ""),
];

/** What may become of a call. */
export function faultsOf(call: string): Fault[] {
	const [service = "", ...operation] = call.split(" ");
	if (call === everyQuestion) return [refused, ...ofDns];
	if (service === "dns") return ofDns;
	if (service === "sesv2") return ofSes(call);
	return [
		refused,
		limited(service),
		...lost("before"),
		...(changesSomething(call) ? lost("after") : []),
		...garbled,
		halfText(service, operation.join(" ")),
	];
}
