import type { MiddlewareHandler } from "hono";
import type { ApiKey, ApiKeyStore, Permission } from "../database/api-keys.js";
import { ApiError } from "../setups/errors.js";
import type { AppEnv } from "./app-env.js";
import { clientAddress, subscriberOf } from "./client-address.js";
import type { RateLimit } from "./rate-limit.js";

/** Makes the guard of a route: it lets through who holds `permission` in the workspace of the path. */
export type Authorize = (permission: Permission) => MiddlewareHandler<AppEnv>;

/**
 * Counts the requests of each client by its address, whether it has a key or not: 429 for too many. It comes before
 * anything that costs more than memory.
 * @param trustedProxies as of {@link clientAddress}
 */
export function limitAddresses(limit: RateLimit, trustedProxies: number): MiddlewareHandler<AppEnv> {
	let isTold = false;
	return async (context, next) => {
		// There is none where the app is called without a socket.
		const peer = context.env?.incoming?.socket.remoteAddress;
		if (peer !== undefined) {
			const forwardedFor = context.req.header("x-forwarded-for");
			if (forwardedFor !== undefined && trustedProxies === 0 && !isTold) {
				isTold = true;
				context
					.get("log")
					.warn(
						"a request came with X-Forwarded-For, which is not believed: if there is a proxy before the service, set CHANNELS_API_TRUSTED_PROXIES, or all its clients count as one",
					);
			}
			const address = subscriberOf(clientAddress(peer, forwardedFor, trustedProxies));
			await limit.spend(`address ${address}`, "from this address");
		}
		await next();
	};
}

/**
 * Access by bearer keys, judged before anything else about a request: no key or an unknown one is 401, a key of
 * another workspace or without the permission is 403, too many requests of one key are 429.
 */
export function createAuthorize(keys: ApiKeyStore, limit: RateLimit): Authorize {
	return (permission) => async (context, next) => {
		const key = await authenticate(keys, context.req.header("authorization"));
		context.set("apiKey", key);
		const workspaceId = context.req.param("workspace_id")?.toLowerCase();
		if (key.workspaceId !== workspaceId) {
			throw new ApiError(
				403,
				"permission-missing",
				"Insufficient permissions: the API key belongs to another workspace.",
			);
		}
		if (!key.permissions.includes(permission)) {
			throw new ApiError(
				403,
				"permission-missing",
				`Insufficient permissions: the API key lacks ${permission}.`,
			);
		}
		await limit.spend(`key ${key.id}`, "with this API key");
		await next();
	};
}

async function authenticate(keys: ApiKeyStore, authorization: string | undefined): Promise<ApiKey> {
	const text = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
	if (text === undefined) throw unauthorized("Not authenticated: send the API key as a bearer token.");
	const key = await keys.byText(text);
	if (!key) throw unauthorized("Invalid API key: it is unknown or was revoked.");
	return key;
}

function unauthorized(detail: string): ApiError {
	return new ApiError(401, "not-authenticated", detail, { "www-authenticate": "Bearer" });
}
