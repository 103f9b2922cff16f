// Package wrong has answers of S3 that are well formed and wrong, such as a proxy's page where
// a listing was asked for. Any test of a reader can have its server give them.
package wrong
