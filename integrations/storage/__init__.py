"""Where the service's bytes live: a folder, or a bucket that speaks S3; and the uploads on their way there."""
