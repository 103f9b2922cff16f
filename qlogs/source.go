package qlogs

import "github.com/promptlogs/qlogs/qlogs/source"

// What a scan reads from, so that most programs need not import package source.
type (
	// A Source is a store of objects; see [source.Source].
	Source = source.Source

	// Object describes one object of a store; see [source.Object].
	Object = source.Object

	// ListInput says what a [Source] lists; see [source.ListInput].
	ListInput = source.ListInput
)
