package qlogstest

// The vocabulary that texts are made of.
var (
	words = []string{
		"account", "address", "always", "array", "assert", "batch", "before", "branch", "buffer", "build", "cache", "call",
		"change", "channel", "check", "class", "client", "column", "commit", "config", "connection", "context", "counter",
		"cursor", "database", "deadline", "default", "deploy", "driver", "empty", "entry", "error", "event", "every",
		"export", "fails", "field", "file", "filter", "folder", "format", "function", "handler", "header", "helper", "index",
		"input", "invoice", "iterator", "kernel", "label", "latency", "ledger", "library", "limit", "list", "loader", "lock",
		"logger", "lookup", "loop", "mapper", "memory", "merge", "message", "method", "metric", "middleware", "migration",
		"module", "mutex", "never", "node", "null", "offset", "option", "order", "output", "packet", "page", "parser",
		"partition", "payload", "pipeline", "pointer", "policy", "pool", "prefix", "process", "profile", "queue", "query",
		"reader", "record", "refactor", "region", "release", "render", "request", "result", "retry", "return", "rollback",
		"router", "schema", "scope", "server", "session", "shard", "signal", "slice", "snapshot", "socket", "source",
		"stack", "status", "stream", "string", "struct", "table", "target", "template", "thread", "throttle", "timeout",
		"token", "trace", "transaction", "trigger", "tuple", "type", "update", "upload", "user", "value", "variable",
		"vector", "version", "viewer", "volume", "warning", "window", "worker", "wrapper", "writer", "zone",
	}

	small = []string{
		"a", "after", "and", "because", "but", "by", "for", "from", "in", "into", "is", "it", "not", "of", "on", "only",
		"or", "so", "that", "the", "the", "the", "then", "this", "to", "when", "which", "with", "without",
	}

	odd = []string{
		"naïve", "façade", "Größe", "→", "“quoted”", "don't", `"exact"`, "日本語", "проверка", "🙂", "a<b && c>d", `C:\tmp\new`, "`nil`",
		"50 %", "\u2028", "x\u0301", "O(n²)",
	}

	asks = []string{"why does", "how can I make", "explain how", "write a test for", "fix", "refactor", "what happens if", "add", "document", "review"}

	types = []string{"int", "string", "error", "[]byte", "map[string]int", "time.Duration", "float64", "bool"}

	extensions = []string{"go", "py", "ts", "java", "json", "rs", "tf", "md", "sql", "yaml"}

	models = []string{
		"auto", "auto", "auto", "claude-opus-5", "claude-opus-4.8", "claude-sonnet-5", "claude-sonnet-4.5", "claude-sonnet-4",
		"claude-haiku-4.5", "qwen3-coder-next",
	}
)
