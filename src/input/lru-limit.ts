/** How many entries a cache of the most recently used ones may have. */

/**
 * Returns the options for at most `count` entries. With `max`, LRUCache would allocate all of them in advance: for 10,000,
 * that took a third of the start-up time of the main thread and of each worker.
 */
export const atMost = (count: number) => ({ maxSize: count, sizeCalculation: () => 1 });
