// Package rewrite changes answers of HTTP servers on their way out, so that a test can have
// any server answer what it never would.
package rewrite
