package listxml

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A slot has the values that an object points to. They are allocated for many
// objects at once.
type slot struct {
	key, etag string
	size      int64
	modified  time.Time
	algorithm [1]types.ChecksumAlgorithm
}

// slab is for how many objects memory is allocated at once: as many as S3 has on a
// page. More is allocated only when that many have come, whatever a document seems
// to hold.
const slab = 1000

func (p *parser) slot() *slot {
	if len(p.slots) == 0 {
		n := min(max(p.left, 1), slab)
		p.left -= n
		p.slots = make([]slot, n)
	}
	s := &p.slots[0]
	p.slots = p.slots[1:]
	return s
}

func (p *parser) contents(empty bool) {
	if p.out.Contents == nil {
		p.out.Contents = make([]types.Object, 0, min(max(p.left, 1), slab))
	}
	p.out.Contents = append(p.out.Contents, types.Object{})
	if !empty {
		p.object(&p.out.Contents[len(p.out.Contents)-1])
	}
}

var objectElements = []string{
	"ChecksumAlgorithm", "ChecksumType", "ETag", "Key", "LastModified", "Owner", "RestoreStatus", "Size", "StorageClass",
}

func (p *parser) object(o *types.Object) {
	s := p.slot()
	p.decoded = p.decoded[:0]
	var key, etag []byte
	var seen once
	for {
		name, empty, ok := p.child("Contents")
		if !ok {
			break
		}
		switch string(name) {
		case "Key":
			p.first(&seen, 0)
			key = p.value(name, empty)
		case "LastModified":
			p.first(&seen, 1)
			s.modified = p.time(name, empty)
			o.LastModified = &s.modified
		case "ETag":
			p.first(&seen, 2)
			etag = p.value(name, empty)
		case "Size":
			p.first(&seen, 3)
			s.size = p.int(name, empty)
			o.Size = &s.size
		case "StorageClass":
			p.first(&seen, 4)
			o.StorageClass = types.ObjectStorageClass(p.intern(name, empty))
		case "ChecksumAlgorithm":
			algorithm := types.ChecksumAlgorithm(p.intern(name, empty))
			if o.ChecksumAlgorithm == nil {
				s.algorithm[0] = algorithm
				o.ChecksumAlgorithm = s.algorithm[:]
			} else {
				o.ChecksumAlgorithm = append(o.ChecksumAlgorithm, algorithm)
			}
		case "ChecksumType":
			p.first(&seen, 5)
			o.ChecksumType = types.ChecksumType(p.intern(name, empty))
		case "Owner":
			p.first(&seen, 6)
			o.Owner = p.owner(empty)
		case "RestoreStatus":
			p.first(&seen, 7)
			o.RestoreStatus = p.restoreStatus(empty)
		default:
			p.unknown(name, empty, objectElements)
		}
	}
	p.joint = append(append(p.joint[:0], key...), etag...)
	joint := string(p.joint)
	if key != nil {
		s.key = joint[:len(key)]
		o.Key = &s.key
	}
	if etag != nil {
		s.etag = joint[len(key):]
		o.ETag = &s.etag
	}
}

var ownerElements = []string{"DisplayName", "ID"}

func (p *parser) owner(empty bool) *types.Owner {
	var o struct {
		types.Owner
		name, id string
	}
	var seen once
	for !empty {
		name, empty, ok := p.child("Owner")
		if !ok {
			break
		}
		switch string(name) {
		case "DisplayName":
			p.first(&seen, 0)
			o.name = p.intern(name, empty)
			o.DisplayName = &o.name
		case "ID":
			p.first(&seen, 1)
			o.id = p.intern(name, empty)
			o.ID = &o.id
		default:
			p.unknown(name, empty, ownerElements)
		}
	}
	return &o.Owner
}

var restoreElements = []string{"IsRestoreInProgress", "RestoreExpiryDate"}

func (p *parser) restoreStatus(empty bool) *types.RestoreStatus {
	var r struct {
		types.RestoreStatus
		running bool
		expiry  time.Time
	}
	var seen once
	for !empty {
		name, empty, ok := p.child("RestoreStatus")
		if !ok {
			break
		}
		switch string(name) {
		case "IsRestoreInProgress":
			p.first(&seen, 0)
			r.running = p.bool(name, empty)
			r.IsRestoreInProgress = &r.running
		case "RestoreExpiryDate":
			p.first(&seen, 1)
			r.expiry = p.time(name, empty)
			r.RestoreExpiryDate = &r.expiry
		default:
			p.unknown(name, empty, restoreElements)
		}
	}
	return &r.RestoreStatus
}
