package path

// A Product is the folder, directly below the account, that a service writes
// its logs to.
type Product string

const (
	// QDeveloperLogs is the folder of Amazon Q Developer, and the one that
	// AWS's guide names.
	QDeveloperLogs Product = "QDeveloperLogs"

	// KiroLogs is the folder of Kiro, the successor. On real data one account
	// moves from QDeveloperLogs to KiroLogs, and for some time writes to both.
	KiroLogs Product = "KiroLogs"
)

func (p Product) valid() bool {
	return p == QDeveloperLogs || p == KiroLogs
}
