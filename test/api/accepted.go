package api

// neverSucceed are the operations that are there to refuse.
var neverSucceed = []string{"GET /records"}

// zeroAsTag is why a request that Schemathesis takes for valid is malformed.
const zeroAsTag = "Schemathesis 4.32.5 covers a header whose pattern has quotes with 0, which does not match it." +
	" That what matches is taken is held by lambda/app/test/http/openapi.test.js."

// keptVersions is why versions of a record that was deleted are answered.
const keptVersions = "A record's versions outlive it for as long as their retention says (openapi.json, listVersions)."

// Table has the findings that stay. Every seed finds each that is not there sometimes.
var Table = []Accepted{
	{
		Operation: "GET /records", Check: "positive_data_acceptance", Status: 410,
		Reason: "The operation is gone, and says so: clients of versions before 1.2.0 send it (lambda/app/README.md).",
	},
	{
		Operation: "POST /records", Check: "positive_data_acceptance", Status: 422,
		Reason: "An idempotency key is for one body, which JSON Schema cannot say: the same key with another one is refused.",
	},
	{
		Operation: "POST /records/search", Check: "positive_data_acceptance", Status: 422,
		Reason: "A cursor is the next of an earlier page, which JSON Schema cannot say: one that is made up is refused.",
	},
	{Operation: "GET /records/{id}", Check: "positive_data_acceptance", Status: 400, Reason: zeroAsTag},
	{Operation: "DELETE /records/{id}", Check: "positive_data_acceptance", Status: 400, Reason: zeroAsTag},
	{
		Operation: "GET /records/{id}/document", Check: "use_after_free", Status: 200, Sometimes: true,
		Reason: "A URL is signed whether the record has a document or not, and S3 says whether it has (openapi.json, signDownload).",
	},
	{
		Operation: "GET /records/{id}/versions", Check: "positive_data_acceptance", Status: 400, Sometimes: true,
		Reason: "A cursor is the next of an earlier page, which JSON Schema cannot say: one with a number that no version has is refused.",
	},
	{Operation: "GET /records/{id}/versions", Check: "use_after_free", Status: 200, Reason: keptVersions, Sometimes: true},
	{Operation: "GET /records/{id}/versions/{tag}", Check: "use_after_free", Status: 200, Reason: keptVersions, Sometimes: true},
	{Operation: "GET /records/{id}/versions/{tag}", Check: "positive_data_acceptance", Status: 400, Reason: zeroAsTag, Sometimes: true},
	{
		Operation: "GET /records/{id}/versions/{tag}", Check: "positive_data_acceptance", Status: 410, Sometimes: true,
		Reason: "A removal counts as a version and has no content.",
	},
}
