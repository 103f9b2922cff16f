package resume

import (
	"cmp"
	"iter"
	"math/rand/v2"
)

// A tree is a sorted map that never changes: to put or remove a key makes another one,
// which shares all but one path with the one before. The zero tree is empty.
//
// It is a treap: a search tree by keys and a heap by ranks that are drawn at random, which
// keeps it about as deep as a balanced one.
type tree[K cmp.Ordered, V any] struct{ root *node[K, V] }

type node[K cmp.Ordered, V any] struct {
	key         K
	value       V
	rank        uint32
	left, right *node[K, V]
}

// get returns the value of a key, and whether there is one.
func (t tree[K, V]) get(key K) (value V, ok bool) {
	n := t.root
	for n != nil {
		switch c := cmp.Compare(key, n.key); {
		case c < 0:
			n = n.left
		case c > 0:
			n = n.right
		default:
			return n.value, true
		}
	}
	return value, false
}

// put returns the tree with that value for the key.
func (t tree[K, V]) put(key K, value V) tree[K, V] {
	return tree[K, V]{t.root.put(key, value)}
}

func (n *node[K, V]) put(key K, value V) *node[K, V] {
	if n == nil {
		return &node[K, V]{key: key, value: value, rank: rand.Uint32()}
	}
	next := *n
	switch c := cmp.Compare(key, n.key); {
	case c < 0:
		next.left = n.left.put(key, value)
		if next.left.rank > next.rank { // it is new, and nobody else's yet
			up := next.left
			next.left, up.right = up.right, &next
			return up
		}
	case c > 0:
		next.right = n.right.put(key, value)
		if next.right.rank > next.rank {
			up := next.right
			next.right, up.left = up.left, &next
			return up
		}
	default:
		next.value = value
	}
	return &next
}

// remove returns the tree without the key.
func (t tree[K, V]) remove(key K) tree[K, V] {
	if _, ok := t.get(key); !ok {
		return t
	}
	return tree[K, V]{t.root.remove(key)}
}

func (n *node[K, V]) remove(key K) *node[K, V] {
	next := *n
	switch c := cmp.Compare(key, n.key); {
	case c < 0:
		next.left = n.left.remove(key)
	case c > 0:
		next.right = n.right.remove(key)
	default:
		return merge(n.left, n.right)
	}
	return &next
}

// merge joins two trees, of which all keys of the first are below those of the second.
func merge[K cmp.Ordered, V any](a, b *node[K, V]) *node[K, V] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.rank > b.rank:
		next := *a
		next.right = merge(a.right, b)
		return &next
	}
	next := *b
	next.left = merge(a, b.left)
	return &next
}

// from returns the tree without the keys before first.
func (t tree[K, V]) from(first K) tree[K, V] {
	return tree[K, V]{t.root.from(first)}
}

func (n *node[K, V]) from(first K) *node[K, V] {
	if n == nil {
		return nil
	}
	if n.key < first {
		return n.right.from(first)
	}
	left := n.left.from(first)
	if left == n.left { // nothing is before it
		return n
	}
	next := *n
	next.left = left
	return &next
}

// len returns the number of keys. It looks at each of them.
func (t tree[K, V]) len() int { return t.root.len() }

func (n *node[K, V]) len() int {
	if n == nil {
		return 0
	}
	return n.left.len() + 1 + n.right.len()
}

// latest returns the last key that is not after key.
func (t tree[K, V]) latest(key K) (last K, ok bool) {
	for n := t.root; n != nil; {
		if n.key > key {
			n = n.left
			continue
		}
		last, ok = n.key, true
		n = n.right
	}
	return last, ok
}

// all yields the pairs in the order of their keys.
func (t tree[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { t.root.all(yield) }
}

func (n *node[K, V]) all(yield func(K, V) bool) bool {
	return n == nil || n.left.all(yield) && yield(n.key, n.value) && n.right.all(yield)
}
