/* What pages do beyond their HTML: keys. Nothing here is needed to use a page. */
