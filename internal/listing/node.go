package listing

import (
	"github.com/promptlogs/qlogs/qlogs/path"
	"github.com/promptlogs/qlogs/qlogs/source"
)

// A node is a folder, or a partition, that the walk is in or will come to, with its listing.
type node struct {
	chain *chain
	depth int // folders below the walk's prefix
	loc   path.Location

	// met are the folders in it, in order, that were listed and that the walk has yet to
	// come to. It is under the lock of ahead.
	met []*node
}

// node returns the node of a folder. It is not listed yet.
func (w *Walk) node(prefix string, depth int) *node {
	n := &node{depth: depth, loc: path.Locate(prefix)}
	if n.loc.Level >= path.LevelRegion {
		n.chain = w.chain(prefix, n.loc.Partition, "")
		return n
	}
	n.chain = newChain(prefix, aheadNames)
	n.chain.folders = true
	n.chain.note = func(o source.Object) { w.note(n, o) }
	return n
}

// chain returns the chain of a partition, or of the folder of a time in it. If it begins
// ahead of the walk, it lists what [Config].Bounds says by then, from the key after on.
func (w *Walk) chain(folder string, id path.Partition, after string) *chain {
	c := newChain(folder, aheadNames)
	c.bounds = func() (string, string) {
		start, end := w.cfg.Bounds(id)
		return max(after, start), end
	}
	return c
}

// note takes a name that the listing of n has come to.
func (w *Walk) note(n *node, o source.Object) {
	if !o.Folder || !w.descends(n.loc.Level, o.Key, n.depth+1) {
		return
	}
	child := w.node(o.Key, n.depth+1)
	if !w.enters(child.loc) {
		return
	}
	w.ahead.add(child.chain, func() bool {
		if n.chain.dropped {
			return false
		}
		n.met = append(n.met, child)
		return true
	})
}

// child returns the node of a folder that the walk has come to in n.
func (w *Walk) child(n *node, prefix string) *node {
	w.ahead.mu.Lock()
	defer w.ahead.mu.Unlock()
	if len(n.met) == 0 || n.met[0].chain.folder != prefix {
		return w.node(prefix, n.depth+1) // nothing is wanted of it
	}
	child := n.met[0]
	n.met[0] = nil
	n.met = n.met[1:]
	return child
}

// leave ends the listings of n and of all that was met in it: the walk goes on behind it.
func (w *Walk) leave(n *node) {
	w.ahead.drop(n.chain) // so nothing is added to met
	for _, child := range n.met {
		w.leave(child)
	}
	n.met = nil
}

// claim returns the chain of a partition that the walk has come to: c, or another one if what
// c lists is not all that is wanted now. It may be more than that.
func (w *Walk) claim(c *chain, after, end string) (claimed *chain, more bool) {
	if w.ahead.setBounds(c, after, end) {
		return c, false
	}
	if hasAfter, hasEnd := c.bound(); hasAfter <= after && end <= hasEnd {
		return c, hasAfter != after || hasEnd != end
	}
	w.ahead.drop(c)
	c = newChain(c.folder, aheadNames)
	w.ahead.setBounds(c, after, end)
	return c, false
}
