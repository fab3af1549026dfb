import { channelsOperation, type Faults, type HttpRequest } from "../../../sandbox/index.js";
import type { Transport } from "../../../sdk/transport.js";
import type { HastyClock } from "../../provider/hasty-clock.js";
import type { Stage } from "../stage.js";

/** Nothing listens there. */
export const nobody = "127.0.0.1:1";

export interface Haste {
	readonly clock: HastyClock;
	readonly speed: number;
	/** Calls that get no connection. */
	readonly refused: Faults;
}

/** Has transports to a stage hurry as much as a clock does. */
export function hastyTransports({ sandbox, baseUrl }: Stage, { clock, speed, refused }: Haste) {
	const operationOf = (request: HttpRequest, origin: string) => {
		if (origin === baseUrl) return { service: "channels", operation: channelsOperation(request) };
		const server = [sandbox.sts, sandbox.ses, sandbox.route53].find(({ url }) => url === origin);
		const { name, route } = (server ?? sandbox.route53).service;
		return { service: name, operation: route(request, "").operation };
	};
	/** A time of the service's clock, as it would be if that clock were as fast. */
	const asShown = (_: string, time: string) =>
		`"${new Date(clock.at(Date.parse(`${time}Z`))).toISOString()}"`;
	return (transport: Transport): Transport => ({
		async send({ url, timeoutMs, ...request }) {
			const call = operationOf(asServed({ url, ...request }), url.origin);
			const isRefused = refused.hit({ ...call, input: undefined }).length > 0;
			const answer = await transport.send({
				...request,
				url: isRefused ? new URL(`${url.pathname}${url.search}`, `http://${nobody}`) : url,
				timeoutMs: timeoutMs / speed,
			});
			return { ...answer, body: answer.body.replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+)(Z|\+00:00)"/g, asShown) };
		},
		close: () => transport.close(),
	});
}

/** What a server gets of what a transport sends. */
function asServed({
	method,
	url,
	headers,
	body = "",
}: Omit<Parameters<Transport["send"]>[0], "timeoutMs" | "maxBytes" | "signal">): HttpRequest {
	return {
		method,
		target: `${url.pathname}${url.search}`,
		path: url.pathname,
		query: url.searchParams,
		headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
		body,
	};
}
