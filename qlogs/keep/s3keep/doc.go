// Package s3keep keeps the cursor of a reader in a bucket, for programs that have no disk,
// such as a function of Lambda or a task of Fargate.
//
//	store := s3keep.CursorObject(client, "our-state", "qlogs/usage.cursor", nil)
//	after, err := store.Load(ctx)
//	if err != nil {
//		return err
//	}
//	scan := reader.Scan(qlogs.Query{After: after})
//	scan.SaveTo(store, nil)
//
// # One reader for each key
//
// Every Save is a conditional write: it succeeds only if the object is still the one that this
// store has loaded or saved last. If another process has saved meanwhile, Save fails with
// [ErrConflict] and changes nothing. So two readers that share a key by mistake cannot undo
// each other's work unnoticed.
//
// A Save whose answer is lost is no conflict: the object names the store that has written it
// and the number of the save, by which the store knows its own. A request that arrives late,
// after a newer one, is refused by its condition. If a process is killed while it saves, its
// last request may arrive after the next process has called Load. That process's first Save
// then fails with ErrConflict. Nothing is lost: start again from Load.
//
// # What the store has to do
//
// The store must have conditional writes: PutObject with If-Match and If-None-Match. Amazon S3
// has them. Some stores refuse such requests, and some ignore the conditions. So the first
// Save of a key makes three requests more: two whose conditions cannot hold, and one that
// notes in the object that they were refused. Later processes find the note and do not ask
// again. If the store takes one of the two, Save fails with an error that wraps
// errors.ErrUnsupported. If one of the two fails for another reason, the next Save asks again,
// and until then it is not known whether two readers can undo each other's work. The note is
// of the store in which it was written: in a copy of the object to another store keep the first
// line alone.
//
// # Functions
//
// A function of Lambda is stopped at its deadline, whatever it does. Give the loop a context
// that ends earlier: the last save happens when the loop ends, and may take up to 30 seconds.
// The example of [CursorObject] does so. If a function is stopped before it has saved, nothing
// is lost, but what it has delivered since the save before comes again. Set the function's
// reserved concurrency to 1. Otherwise two may run at the same time: both deliver the same, and
// the one that saves second ends with ErrConflict.
//
// # Permissions and cost
//
// The credentials need s3:GetObject and s3:PutObject on the object, and s3:ListBucket on the
// bucket, without a condition on s3:prefix: otherwise S3 denies the request for an object that
// does not exist yet, and the first Load fails. If the bucket is encrypted with a KMS key, they
// need kms:Decrypt and kms:GenerateDataKey on the key.
//
// Load is one GET. Save is one PUT, but for the first Save of a key, which is four, and one GET
// and one PUT more if an answer was lost. A scan that saves every 10 seconds makes 8,640 PUT
// requests a day, and one more for each [qlogs.SaveOptions].Records pairs. In a bucket with versioning each Save leaves a version behind: add a
// lifecycle rule that deletes noncurrent versions. No rule should archive the object.
//
// Whoever can write the object is trusted: for a text that is made up to do harm Load needs
// memory of up to 130 times its size, and a wrong position loses records.
//
// The object may have 64 MiB. A cursor of 100,000 partitions has 18 MB. It grows if objects fail
// without end and a cursor has no room for them: each object that is finished behind them takes
// 27 bytes. After some 2.5 million of these Save fails, in each later run too. A
// qlogs.UnkeptError tells of it long before: remove its cause, or set qlogs.Options.MaxAttempts.
//
// The object holds the cursor's text, which names keys but nothing of what the objects hold,
// and a second line for the store. An object with the text of a cursor alone, such as a copy
// of a keep.CursorFile, can be loaded too.
//
// The package links the AWS SDK.
package s3keep
