import { type ApiKind, isFor } from "./api.js";

/** Whose AWS account it is: one of them taken from elsewhere would be for another role. */
const access = ["sesProfile", "sesRoleArn", "sesExternalId"];

/**
 * Whether a setting of the stack holds for an account that somebody gives settings of its own.
 *
 * @param own by their names without `channels:`
 * @param kind of its API, where that is not the stack's
 */
export function holdsFor(
	own: { readonly [name: string]: unknown },
	kind: ApiKind | undefined,
	key: string,
): boolean {
	if (kind !== undefined && !isFor(kind, key)) return false;
	const isAccess = (name: string) => access.includes(name);
	const hasAccess = Object.keys(own).some((name) => isAccess(name) && own[name] !== undefined);
	return !(hasAccess && isAccess(key.replace(/^channels:/, "")));
}
