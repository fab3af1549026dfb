/** The hosted Channels API. */
export const DEFAULT_BASE_URL = "https://api.platform.amigo.ai";

/**
 * Why a string is no base URL for the API, in words that follow the argument's name; undefined if it is one.
 * Acceptable is `https://`, or `http://` to this machine, with or without a path, and nothing else.
 */
export function baseUrlProblem(text: string): string | undefined {
	if (!URL.canParse(text)) return `is no URL; give one such as ${DEFAULT_BASE_URL}`;
	const url = new URL(text);
	if (url.protocol !== "https:" && url.protocol !== "http:")
		return `is a ${url.protocol}// URL; give one that begins with https://`;
	// Said without the URL, which would show the password.
	if (url.username !== "" || url.password !== "")
		return "holds a user name or password; give the URL alone, and the key as apiKey";
	if (url.search !== "" || url.hash !== "" || /[?#]/.test(text))
		return "holds a query or fragment; give the URL without what follows ? or #";
	if (url.protocol === "http:" && !isLoopback(url.hostname))
		return `would send the API key unencrypted to ${url.hostname}; http:// is for this machine alone, use https://`;
	return undefined;
}

/** Whether a URL's host is this machine. */
export function isLoopback(hostname: string): boolean {
	return (
		hostname === "localhost" ||
		hostname.endsWith(".localhost") ||
		hostname === "[::1]" ||
		/^127(?:\.\d{1,3}){3}$/.test(hostname)
	);
}

/** Why a string is no workspace id (a UUID), in words that follow the argument's name; undefined if it is one. */
export function workspaceProblem(text: string): string | undefined {
	return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
		? undefined
		: `is no UUID (${JSON.stringify(text)}); copy the workspace's id, such as 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed`;
}

/**
 * Why a string is no tenant name (`[A-Za-z0-9_-]`, 1–64 characters), in words that follow the argument's
 * name; undefined if it is one.
 */
export function tenantNameProblem(text: string): string | undefined {
	if (text === "") return "is empty; give 1 to 64 letters, digits, hyphens and underscores";
	const odd = /[^A-Za-z0-9_-]/u.exec(text)?.[0];
	if (odd !== undefined)
		return `holds ${JSON.stringify(odd)}; only the letters A–Z and a–z, digits, hyphens and underscores may stand there`;
	return text.length > 64 ? `is ${text.length} characters long; a tenant name has at most 64` : undefined;
}

/** Why a number is no time, in words that follow the argument's name; undefined if it is one. */
export function timeoutProblem(ms: number): string | undefined {
	return typeof ms === "number" && !Number.isNaN(ms)
		? undefined
		: `is ${String(ms)}; give milliseconds, or Infinity for no limit`;
}

/** Why a string cannot be an API key, in words that follow the argument's name and never show it. */
export function apiKeyProblem(text: string): string | undefined {
	if (text === "") return "is empty; give a key of the workspace";
	return /^[\x21-\x7e]+$/.test(text)
		? undefined
		: "holds a space, line break or other character that no key has; copy it again";
}
