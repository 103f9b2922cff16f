// Structure measures how the files of each package hang together, and fails where that
// is more than its table allows:
//
//	go -C internal/tools run ./structure
//	go -C internal/tools run ./structure -print
//	go -C internal/tools run ./structure -arrows qlogs
//
// The table is in limits.go. Tests are not looked at.
//
// # Arrows
//
// A file has an arrow to another file of its package if it uses a name, a field or a
// method that is declared there: anything at package level, a method of any type, a
// field of a struct, a method of an interface. A field or method that comes by way of
// an embedded one counts for the file that declares it, and not for the file that
// embeds it. However often the one file uses the other, it is one arrow.
//
// # Cycles
//
// A cycle is a strongly connected component of these arrows: files each of which leads
// to each other one. Whoever changes one of them may have to look at all of them.
//
// # Types in files
//
// A file touches a type if it has the type's name in it, or that of one of its fields or
// methods. The file that declares the type counts, as do the files of its methods. A
// file that hands a value on and never names its type, nor anything in it, does not. An
// alias is the type that it stands for. What counts is a type of the same package, and
// one of our other packages too: moved out of a package, it may still be everywhere in
// it.
package main
