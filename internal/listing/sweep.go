package listing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// Sweep lists all that is wanted below the prefix and tells emit of it, in the bytewise
// order of keys. An error of emit ends the sweep and is returned as it is.
func (w *Walk) Sweep(ctx context.Context, emit func(*Event) error) error {
	defer w.begin(ctx, emit)()
	if err := w.folder(ctx, w.node(w.cfg.Prefix, 0)); err != nil {
		return err
	}
	w.swept = true
	return nil
}

// folder tells of what lies in a folder.
func (w *Walk) folder(ctx context.Context, n *node) error {
	if !w.enters(n.loc) {
		return nil
	}
	level := n.loc.Level
	if level >= path.LevelRegion {
		return w.partition(ctx, n)
	}
	if level == path.LevelRoot || level > path.LevelRoot && n.depth == 0 {
		w.passed.Roots++
	}
	err := w.names(ctx, n.chain, func(of name) error {
		switch {
		case of.repeated:
			return w.tell(Event{Kind: Repeated, Again: w.swept})
		case of.failed != nil:
			return w.entryFailed(of.failed, level, n.depth+1)
		case !of.Folder:
			return w.beside(of.Object)
		case !w.descends(level, of.Key, n.depth+1):
			w.pass(level, of.Key)
			return nil
		}
		return w.folder(ctx, w.child(n, of.Key))
	})
	if _, goesOn := err.(sourceError); goesOn {
		w.leave(n)
	}
	prefix := n.chain.folder
	return w.listFailed(ctx, err, nil, Failure{Partition: above(prefix, n.loc), Prefix: prefix, Root: n.depth == 0 && !w.swept})
}

// names visits all that a chain lists, in order.
func (w *Walk) names(ctx context.Context, c *chain, visit func(name) error) error {
	var spare []source.Object
	for {
		if spare != nil && ctx.Err() != nil { // the source has no part in what is listed already
			return context.Cause(ctx)
		}
		w.ahead.lead(c)
		next, err := c.take(spare)
		if err := next.visit(visit); err != nil {
			return err
		}
		if err != nil || len(next.objects) == 0 {
			return raise(err)
		}
		clear(next.objects)
		spare = next.objects
	}
}

// enters reports whether the walk goes into a folder that it may descend to.
func (w *Walk) enters(loc path.Location) bool {
	return loc.Level != path.LevelForeign && w.cfg.Covers(loc.Partition)
}

// beside takes an object that lies beside folders.
func (w *Walk) beside(o source.Object) error {
	kind, _ := path.KindOf(o.Key, o.Size)
	if err := w.tell(Event{Kind: Skipped, Object: o, What: kind, Again: w.swept}); err != nil {
		return err
	}
	if kind == path.Log && !w.swept { // it lies deeper: its partition would not be met
		return sourceError{fmt.Errorf("%w: the source does not fold keys into folders, and gives %q", errors.ErrUnsupported, o.Key)}
	}
	return nil
}

// entryFailed takes a name in a folder of level parent that the source could not look at.
// The name is depth folders below the walk's prefix.
func (w *Walk) entryFailed(e *source.KeyError, parent path.Level, depth int) error {
	folder := withSlash(e.Key)
	loc := path.Locate(folder)
	if errors.Is(e, source.ErrNoFile) || !w.descends(parent, folder, depth) || !w.cfg.Covers(loc.Partition) {
		return w.tell(Event{Kind: Skipped, Object: source.Object{Key: e.Key}, What: path.Foreign, Again: w.swept})
	}
	return w.tell(Event{Kind: Failed, Failure: &Failure{Partition: above(folder, loc), Prefix: e.Key, Err: e.Err}})
}

// above returns what is known of the partitions below a folder.
func above(folder string, loc path.Location) path.Partition {
	if loc.Level == path.LevelAbove {
		return path.Partition{Prefix: strings.TrimSuffix(folder, "/")}
	}
	return loc.Partition
}

// descends reports whether the search for log roots goes into a folder that it met in a
// folder of level parent, depth folders below the walk's prefix. Inside AWSLogs/ it follows
// accounts and a further AWSLogs/ alone: other services keep whole trees of day folders
// there.
func (w *Walk) descends(parent path.Level, folder string, depth int) bool {
	switch path.Locate(folder).Level {
	case path.LevelAbove:
		return parent == path.LevelAbove && depth <= w.cfg.SearchDepth
	case path.LevelForeign:
		return false
	case path.LevelRoot: // wherever it lies, which may be inside another one
		return depth-1 <= w.cfg.SearchDepth
	}
	return true
}
