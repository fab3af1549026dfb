/**
 * Whether SES sends for an address on behalf of a domain's identity: it does for every address of the domain and of all
 * domains below it (Amazon SES developer guide, "Creating and verifying identities", creating-identities.html).
 * @param domain in lower case
 */
export function sendsFor(domain: string, address: string): boolean {
	const host = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
	return host === domain || host.endsWith(`.${domain}`);
}
