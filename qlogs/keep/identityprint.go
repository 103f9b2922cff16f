package keep

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/promptlogs/qlogs/qlogs"
)

// An identityPrint stands for a record in a Dedup: 128 bits of SHA-256. Among a
// million records the chance that another one has the same is 3 in 10^33.
type identityPrint [16]byte

// printOf reports false if nothing tells the record from all others.
//
// If there is a request id it alone identifies the record; a record that is read again from
// the same place has the same one. Otherwise it is the key, the ETag and the index, and the
// version only without an ETag: listings have no version, so that a version would not match
// between a scan and an event.
func printOf(id qlogs.Identity) (identityPrint, bool) {
	switch {
	case id.RequestID != "":
		return newIdentityPrint("request", 0, id.LogType, id.RequestID), true
	case id.ETag != "":
		return newIdentityPrint("etag", id.Index, id.Key, id.ETag), true
	case id.VersionID != "":
		return newIdentityPrint("version", id.Index, id.Key, id.VersionID), true
	}
	return identityPrint{}, false
}

func newIdentityPrint(rule string, index int, parts ...string) identityPrint {
	data := make([]byte, 0, 256)
	data = binary.AppendUvarint(append(data, rule...), uint64(index))
	for _, part := range parts {
		data = binary.AppendUvarint(data, uint64(len(part))) // so that "a", "bc" is not "ab", "c"
		data = append(data, part...)
	}
	sum := sha256.Sum256(data)
	return identityPrint(sum[:len(identityPrint{})])
}

// numbered returns another print for each number.
func (p identityPrint) numbered(n int64) identityPrint {
	binary.LittleEndian.PutUint64(p[:], binary.LittleEndian.Uint64(p[:])^uint64(n))
	return p
}
