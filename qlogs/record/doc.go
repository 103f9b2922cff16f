// Package record decodes the prompt logs that Amazon Q Developer and Kiro
// write to Amazon S3.
//
// A log file is one JSON object, {"records": [...]}. [Decode] streams the
// records of one decompressed file, [Decoder] does the same with more control,
// and [Unmarshal] decodes a single record. A record is one of
// [*GenerateAssistantResponse] (chat), [*GenerateCompletions] (inline
// suggestions), [*StartTaskAssistCodeGeneration] (the /dev agent) or, if its
// request key is none of theirs, [*Unknown].
//
// # Absent, null, empty
//
// Almost every field can be absent, null or empty, and real logs have all three.
// Fields are plain Go values, so an absent, a null and an empty string are all "".
// If the difference matters, the State methods return it, by JSON name:
//
//	r.Request.State("modelId") == record.Absent
//
// # Nothing is lost
//
// Unknown keys are kept at every level, and so are values in an unusual form.
// MarshalJSON writes both back: an encoded record has the same JSON value as the
// record that it was decoded from. Names match exactly: "Prompt" is an unknown key
// and not "prompt". Of duplicate keys the last one wins.
//
// # Drift and damage
//
// New versions of the services change fields without notice. A known field has
// drifted if its JSON value has a type that the field cannot have, or if a timeStamp
// is no time as RFC 3339 writes it. The record is decoded all the same: the Go field
// is zero, its State is [Drifted], and MarshalJSON writes the value back until you set
// the field. In a list of strings one wrong element makes the whole list drift. In
// messageMetadata and in a web link only the innermost field drifts. [DriftedFields]
// names the fields. [DecoderOptions].StrictFields makes drift an error of the record
// instead.
//
// Damage is what is not JSON, what is not an object where a record or a half of one has
// to be, and what is over a limit. Damage costs its record, as an [*Error]. If the end
// of the record cannot be found, it costs the rest of the file, as a [*DocumentError].
//
// # Privacy
//
// The records hold what people typed and what stood in their editors. No error
// of this package contains a byte of it. The types of this package format
// themselves, for package fmt and for package log/slog, as ids, times and sizes. An
// id is shown only if it looks like one: a damaged log may have a prompt in its place.
//
// These ways still show text:
//
//   - A single text field such as Request.Prompt is a plain string. So are a RequestID
//     and the parts of a UserID: print what [ShownID] returns for them.
//   - The MarshalJSON methods write everything. A slog.JSONHandler calls them for a
//     slice, map or struct that holds records.
//   - Encoders that know nothing of these types write everything too: encoding/gob,
//     encoding/xml, and whatever else walks through values by reflection, such as YAML
//     and MessagePack encoders, dumpers of values, and the differences that test
//     packages print.
//   - Package fmt does not call the Format method, and shows everything, if a record is
//     the operand of %w, which go vet reports, if a struct rather than a pointer is the
//     operand of %p, and if an unexported field of another struct holds a struct by
//     value.
package record
