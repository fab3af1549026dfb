import { generateKeyPairSync } from "node:crypto";

/** A DKIM key as a domain's owner brings it to SES, and the values of its TXT record as Route 53 takes them. */
export function ownKey(selector = "mine") {
	const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const base64 = (key: typeof privateKey, type: "pkcs8" | "spki") =>
		key.export({ format: "der", type }).toString("base64");
	const text = `v=DKIM1; k=rsa; p=${base64(publicKey, "spki")}`;
	return {
		attributes: {
			DomainSigningSelector: selector,
			DomainSigningPrivateKey: base64(privateKey, "pkcs8"),
		},
		record: [(text.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(" ")],
	};
}
