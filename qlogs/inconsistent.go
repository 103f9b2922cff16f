package qlogs

import (
	"errors"
	"fmt"
	"strings"
)

// anonymousTries is how many scans, or sweeps, try an object that has such answers.
const anonymousTries = 3

// An inconsistency is what was taken for a change of an object that a second look has
// found as it was. It wraps what the store said, but is no ErrChanged.
type inconsistency struct {
	listed Object
	err    error
}

func (e *inconsistency) Error() string {
	tag := ""
	if e.listed.ETag != "" {
		tag = fmt.Sprintf("ETag %s, ", `"`+strings.Trim(e.listed.ETag, `"`)+`"`)
	}
	answers := strings.Replace(e.err.Error(), ErrChanged.Error()+": ", "", 1)
	if answers == ErrChanged.Error() {
		answers = "the object is another one"
	}
	return fmt.Sprintf("%v: its listing says, twice, %s%d bytes, but its answer says: %s: find what changes bodies or ETags on the way, "+
		"such as a gateway that undoes or adds compression, or read a copy of the object", ErrInconsistent, tag, e.listed.Size, answers)
}

func (e *inconsistency) Is(target error) bool {
	return target == ErrInconsistent || target != ErrChanged && errors.Is(e.err, target)
}

func (e *inconsistency) As(target any) bool { return errors.As(e.err, target) }

// compare looks again at an object of which records were yielded before it turned out
// to be another one than was listed. It keeps j as it is, but for its error.
func (p *pipeline) compare(j *job) {
	var failed *ObjectError
	if j.renewed || j.pinned || !errors.Is(j.err, ErrChanged) || !errors.As(j.err, &failed) {
		return
	}
	now, found, err := (&lister{scan: p.scan}).find(p.ctx, j.object.Key)
	if err != nil || !found {
		return
	}
	if j.same = now.Size == j.object.Size && now.ETag == j.object.ETag; j.same {
		j.fail(failed.Op, failed.Offset, failed.Err)
	}
}
